using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sockets;
using FsCheck;
using FsCheck.Fluent;

namespace Chat.Tests.Hub;

public sealed class SendQueueTests
{
    private const int FrameBytes = 100;

    private static readonly Guid A = Guid.Parse("00000000-0000-7000-8000-00000000000a");
    private static readonly Guid B = Guid.Parse("00000000-0000-7000-8000-00000000000b");

    private static OutgoingFrame Frame(Guid? message, long seq = 0) => new(new byte[FrameBytes], message, seq);

    [Fact]
    public void What_waits_goes_out_in_order_and_all_of_it()
    {
        var queue = new SendQueue(1000, 2000);
        var frames = new[] { Frame(A, 1), Frame(B, 2), Frame(null), Frame(A, 3) };
        foreach (var frame in frames) Assert.True(queue.TryAdd(frame));
        Assert.Equal(frames, queue.TakeAll());
        Assert.Empty(queue.TakeAll());
        Assert.Equal(0, queue.Bytes);
    }

    [Fact]
    public void Of_two_statuses_of_one_message_the_older_is_dropped_and_the_newer_keeps_its_place()
    {
        var queue = new SendQueue(3 * FrameBytes, 10 * FrameBytes);
        OutgoingFrame a1 = Frame(A, 1), b2 = Frame(B, 2), a3 = Frame(A, 3), none = Frame(null), b4 = Frame(B, 4);
        foreach (var frame in (OutgoingFrame[])[a1, none, b2, a3]) Assert.True(queue.TryAdd(frame));
        Assert.Equal(1, queue.Conflated);
        Assert.True(queue.TryAdd(b4));
        Assert.Equal([none, b2, a3, b4], queue.TakeAll());
    }

    [Fact]
    public void Of_pongs_only_the_last_waits()
    {
        var queue = new SendQueue(1000, 2000);
        OutgoingFrame first = OutgoingFrame.Pong([1]), text = Frame(null), last = OutgoingFrame.Pong([2, 2]);
        for (var i = 0; i < 100_000; i++) Assert.True(queue.TryAdd(first = OutgoingFrame.Pong([1])));
        queue.TryAdd(text);
        queue.TryAdd(last);

        Assert.Equal(FrameBytes + last.Wire.Length, queue.Bytes);
        Assert.Equal([text, last], queue.TakeAll());
        Assert.True(queue.TryAdd(first));
        Assert.Equal([first], queue.TakeAll());
    }

    [Fact]
    public void Below_the_threshold_nothing_is_dropped()
    {
        var queue = new SendQueue(4 * FrameBytes, 10 * FrameBytes);
        for (var i = 1; i <= 4; i++) Assert.True(queue.TryAdd(Frame(A, i)));
        Assert.Equal(4, queue.TakeAll().Count);
    }

    [Fact]
    public void A_reader_is_too_slow_only_when_conflation_does_not_help()
    {
        var queue = new SendQueue(2 * FrameBytes, 4 * FrameBytes);
        for (var i = 1; i <= 1000; i++) Assert.True(queue.TryAdd(Frame(i % 2 == 0 ? A : B, i)));
        Assert.True(queue.TryAdd(Frame(null)));
        Assert.True(queue.TryAdd(Frame(null)));
        Assert.False(queue.TryAdd(Frame(null)));
    }

    [Fact]
    public void Who_would_be_too_slow_by_one_frame_is_not_where_conflation_makes_room()
    {
        var queue = new SendQueue(3 * FrameBytes, 10 * FrameBytes);
        for (var i = 1; i <= 10; i++) Assert.True(queue.TryAdd(Frame(new Guid(i, 0, 0, new byte[8]), i)));
        // Full, looked through when it became so, and so not due for another look yet.
        Assert.True(queue.TryAdd(Frame(new Guid(1, 0, 0, new byte[8]), 11)));
        Assert.Equal((10 * FrameBytes, 1), (queue.Bytes, queue.Conflated));
    }

    [Fact]
    public void What_is_just_as_much_as_allowed_is_left_alone()
    {
        var queue = new SendQueue(4 * FrameBytes, 4 * FrameBytes);
        for (var i = 1; i <= 4; i++) Assert.True(queue.TryAdd(Frame(A, i)));
        Assert.Equal((4, 0), (queue.Count, queue.Conflated));
    }

    [Fact]
    public void A_queue_that_was_emptied_by_a_look_or_by_the_reader_drops_nothing_below_the_threshold()
    {
        var queue = new SendQueue(4 * FrameBytes, 8 * FrameBytes);
        for (var i = 1; i <= 5; i++) queue.TryAdd(Frame(A, i));
        Assert.Equal((1, 4), (queue.Count, queue.Conflated));
        for (var i = 6; i <= 8; i++) queue.TryAdd(Frame(A, i));
        Assert.Equal((4, 4), (queue.Count, queue.Conflated));

        Assert.Equal(4, queue.TakeAll().Count);
        for (var i = 9; i <= 12; i++) queue.TryAdd(Frame(A, i));
        Assert.Equal(4, queue.Conflated);
        queue.TryAdd(Frame(A, 13));
        Assert.Equal((1, 8), (queue.Count, queue.Conflated));
    }

    [Fact]
    public void Of_two_statuses_without_a_number_the_later_stays()
    {
        var queue = new SendQueue(FrameBytes, 10 * FrameBytes);
        OutgoingFrame first = Frame(A), second = Frame(A);
        queue.TryAdd(first);
        queue.TryAdd(second);
        Assert.Equal([second], queue.TakeAll());
    }

    [Fact]
    public void Whatever_comes_memory_is_bounded_and_the_newest_status_of_each_message_survives()
    {
        var comings = (
            from message in Gen.Choose(0, 5)
            from slow in Gen.Frequency((5, Gen.Constant(true)), (1, Gen.Constant(false)))
            select (message, slow))
            .ListOf().Select(l => l.ToList()).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(80), Prop.ForAll(comings, list =>
        {
            var queue = new SendQueue(8 * FrameBytes, 20 * FrameBytes);
            var shown = new Dictionary<Guid, long>();
            var newest = new Dictionary<Guid, long>();
            var lastSeq = 0L;
            var seq = 0L;
            foreach (var (message, slow) in list)
            {
                var id = new Guid(message, 0, 0, new byte[8]);
                newest[id] = ++seq;
                if (!queue.TryAdd(Frame(id, seq)) || queue.Bytes > 20 * FrameBytes) return false;
                if (!slow && !Drain()) return false;
            }
            return Drain() && shown.Count == newest.Count && newest.All(n => shown[n.Key] == n.Value);

            bool Drain()
            {
                foreach (var frame in queue.TakeAll())
                {
                    if (frame.Seq <= lastSeq) return false;
                    lastSeq = shown[frame.MessageId!.Value] = frame.Seq;
                }
                return true;
            }
        }));
    }
}
