using System.Text;
using Chat.Api.Hub.Feeds;
using Chat.Api.Hub.Protocol;

namespace Chat.Tests.Hub;

public sealed class SubscriptionTests
{
    private const int MaxWaiting = 2;

    private readonly SentFrames _sink = new();
    private readonly Subscription _subscription;

    public SubscriptionTests() => _subscription = new(_sink, FeedFixture.Organization, new(1));

    private void Deliver(params long[] seqs)
    {
        foreach (var seq in seqs) _subscription.Push(Frame(seq), MaxWaiting);
    }

    private static OutgoingFrame Frame(long seq) => OutgoingFrame.Text(Encoding.UTF8.GetBytes("{}"), Guid.Empty, seq);

    [Fact]
    public void Until_it_is_live_frames_wait_as_many_as_may()
    {
        Deliver(1, 2);
        Assert.False(_subscription.Overflowed);
        Assert.Empty(_sink.Shown);
        _subscription.GoLive(0);
        Deliver(3);
        Assert.Equal("1, 2, 3", _sink.Text);
        Assert.True(_subscription.IsLive);
    }

    [Fact]
    public void With_one_more_all_that_waited_are_dropped_and_it_says_so_until_it_starts_over()
    {
        Deliver(1, 2, 3);
        Assert.True(_subscription.Overflowed);
        Deliver(4);
        _subscription.StartOver();
        Assert.False(_subscription.Overflowed);
        Deliver(5, 6);
        Assert.False(_subscription.Overflowed);
        _subscription.GoLive(0);
        Assert.Equal("5, 6", _sink.Text);
    }

    [Fact]
    public void What_waited_and_what_comes_later_go_out_only_above_what_was_replayed()
    {
        Deliver(6, 7);
        _subscription.GoLive(6);
        Deliver(6, 8);
        Assert.Equal("7, 8", _sink.Text);
    }

    [Fact]
    public void A_piece_goes_out_as_one_unless_some_of_it_was_replayed()
    {
        _subscription.GoLive(6);

        _subscription.Push(new OutgoingBatch([Frame(6), Frame(7), Frame(0)]), MaxWaiting);
        Assert.Empty(_sink.Pieces);
        _subscription.Push(new OutgoingBatch([Frame(8), Frame(0), Frame(9)]), MaxWaiting);

        Assert.Equal("7, 0, 8, 0, 9", _sink.Text);
        Assert.Equal([3], _sink.Pieces);
    }

    [Fact]
    public void What_has_no_number_always_goes_out()
    {
        Deliver(0);
        _subscription.GoLive(6);
        Deliver(0);
        Assert.Equal("0, 0", _sink.Text);
    }

    [Fact]
    public void Who_is_live_drops_nothing_however_much_comes()
    {
        _subscription.GoLive(0);
        Deliver(1, 2, 3, 4, 5);
        Assert.Equal("1, 2, 3, 4, 5", _sink.Text);
        Assert.False(_subscription.Overflowed);
    }
}
