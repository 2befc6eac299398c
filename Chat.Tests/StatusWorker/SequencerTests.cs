using Chat.StatusWorker.Recording;

namespace Chat.Tests.StatusWorker;

public sealed class SequencerTests
{
    private static readonly Guid A = Guid.Parse("00000000-0000-7000-8000-00000000000a");
    private static readonly Guid B = Guid.Parse("00000000-0000-7000-8000-00000000000b");

    [Fact]
    public void The_first_number_of_a_conversation_follows_nothing_known_and_the_next_one_follows_it()
    {
        var sequencer = new Sequencer();
        Assert.Null(sequencer.Advance(A, 3));
        Assert.Null(sequencer.Advance(B, 4));
        Assert.Equal(3, sequencer.Advance(A, 7));
        Assert.Equal(4, sequencer.Advance(B, 8));
    }

    [Fact]
    public void A_number_that_comes_again_follows_nothing_known_and_moves_nothing()
    {
        var sequencer = new Sequencer();
        sequencer.Advance(A, 3);
        sequencer.Advance(A, 7);
        Assert.Null(sequencer.Advance(A, 7));
        Assert.Null(sequencer.Advance(A, 3));
        Assert.Equal(7, sequencer.Advance(A, 9));
    }

    [Fact]
    public void What_was_not_used_for_long_is_forgotten_and_what_was_is_not()
    {
        var sequencer = new Sequencer(capacity: 10);
        sequencer.Advance(A, 1);
        sequencer.Advance(B, 1);
        for (var i = 0; i < 40; i++)
        {
            sequencer.Advance(new Guid(i, 0, 0, new byte[8]), 1);
            if (i % 4 == 0) Assert.NotNull(sequencer.Advance(A, 2 + i));
        }
        Assert.Null(sequencer.Advance(B, 2));
    }

    [Fact]
    public void As_many_as_are_remembered_for_sure_are_and_never_more_than_twice_as_many()
    {
        var sequencer = new Sequencer(capacity: 2);
        var ids = Enumerable.Range(1, 5).Select(i => new Guid(i, 0, 0, new byte[8])).ToList();
        foreach (var id in ids) Assert.Null(sequencer.Advance(id, 1));
        Assert.Null(sequencer.Advance(ids[0], 2));
        Assert.Equal(1, sequencer.Advance(ids[4], 2));
        Assert.Equal(1, sequencer.Advance(ids[3], 2));
    }

    [Fact]
    public void Using_what_is_remembered_forgets_nothing()
    {
        var sequencer = new Sequencer(capacity: 2);
        var ids = Enumerable.Range(1, 4).Select(i => new Guid(i, 0, 0, new byte[8])).ToList();
        foreach (var id in ids) sequencer.Advance(id, 1);
        for (var seq = 2; seq <= 9; seq++) Assert.Equal(seq - 1, sequencer.Advance(ids[3], seq));
        Assert.Equal(1, sequencer.Advance(ids[2], 2));
        Assert.Equal(1, sequencer.Advance(ids[0], 2));
    }
}
