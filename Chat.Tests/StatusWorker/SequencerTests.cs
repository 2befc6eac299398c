using Chat.StatusWorker.Batches;

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
}
