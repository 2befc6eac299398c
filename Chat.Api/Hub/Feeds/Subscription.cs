using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Core.Time;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// One socket's subscription to one conversation. While it catches up from the store, live frames wait in it. Its members are for
/// the feed alone, under the feed's lock.
/// </summary>
/// <param name="organizationId">The organization whose frames it may get; <see cref="Guid.Empty"/> for none.</param>
/// <param name="replays">
/// Shared by all subscriptions of a socket: how many of them catch up at once. Each waits for room in the socket's queue; all of
/// them at once would fill it as soon as there is room, and a reader that was only away for long would be closed as too slow. Null
/// for one that has nothing to catch up on.
/// </param>
/// <param name="events">Which frames it gets.</param>
public sealed class Subscription(
    IFrameSink sink, Guid organizationId, FifoSemaphore? replays, WatchedEvents events = WatchedEvents.Status)
{
    private List<OutgoingFrame>? _waiting;

    // The last number that was replayed: the feed may be behind it, and deliver again what it has yet to learn of.
    private long _replayed;

    public IFrameSink Sink { get; } = sink;

    public FifoSemaphore? Replays { get; } = replays;

    /// <summary>Checked again at each delivery: a frame of another organization does not go out.</summary>
    public Guid OrganizationId { get; set; } = organizationId;

    /// <summary>Whether it gets frames of this kind.</summary>
    public bool Wants(WatchedEvents kind) => (events & kind) != 0;

    /// <summary>Whether frames go out at once.</summary>
    public bool IsLive { get; private set; }

    /// <summary>That live frames did not reach it while it caught up: it must read on.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Frames of its organization came while it was not live.</summary>
    public bool HasWaited => Overflowed || WaitingCount > 0;

    /// <summary>Live frames.</summary>
    /// <param name="maxWaiting">Frames that may wait; with more, all are dropped and read from the store.</param>
    public void Push(OutgoingBatch batch, int maxWaiting)
    {
        if (IsLive && batch.LeastSeq > _replayed)
        {
            Sink.Send(batch);
            return;
        }
        foreach (var frame in batch.Frames) Push(frame, maxWaiting);
    }

    /// <summary>A live frame.</summary>
    public void Push(OutgoingFrame frame, int maxWaiting)
    {
        if (IsLive)
        {
            if (IsNew(frame)) Sink.Send(frame);
        }
        else if (WaitingCount < maxWaiting) (_waiting ??= []).Add(frame);
        else Miss();
    }

    /// <summary>Live frames do not reach it, while it catches up.</summary>
    public void Miss()
    {
        _waiting = null;
        Overflowed = true;
    }

    /// <summary>Drops what waited: the store has it, and is read again.</summary>
    public void StartOver()
    {
        _waiting = null;
        Overflowed = false;
    }

    /// <summary>From here on frames go out at once, what waited first, as far as it is above what was replayed.</summary>
    public void GoLive(long cursor)
    {
        IsLive = true;
        _replayed = cursor;
        foreach (var frame in _waiting ?? [])
        {
            if (IsNew(frame)) Sink.Send(frame);
        }
        _waiting = null;
    }

    private int WaitingCount => _waiting?.Count ?? 0;

    // One published by hand has no number and is always new.
    private bool IsNew(OutgoingFrame frame) => frame.Seq == 0 || frame.Seq > _replayed;
}
