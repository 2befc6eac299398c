using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Core.Time;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// One socket's watch on one conversation. While it catches up from the store, live frames wait in it; all its members but the
/// constructor's are for the feed alone, under its lock.
/// </summary>
/// <param name="organizationId">Whose frames it may get; <see cref="Guid.Empty"/>, nobody's.</param>
/// <param name="replays">
/// Shared by all watches of a socket: how many of them catch up at once. Each waits for room before a page; all of them at once
/// would fill the socket's queue when room comes, and have a reader closed as too slow that was only away for long.
/// </param>
public sealed class Subscription(IFrameSink sink, Guid organizationId, FifoSemaphore replays)
{
    private readonly List<OutgoingFrame> _waiting = [];

    // What was replayed up to: the feed may be behind it, and bring again what it is about to learn.
    private long _replayed;

    public IFrameSink Sink { get; } = sink;

    public FifoSemaphore Replays { get; } = replays;

    /// <summary>Checked again at each delivery: a frame of another organization does not go out.</summary>
    public Guid OrganizationId { get; set; } = organizationId;

    /// <summary>Whether frames go out at once.</summary>
    public bool IsLive { get; private set; }

    /// <summary>That live frames were dropped while it caught up: it must read on.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>A live frame.</summary>
    public void Deliver(OutgoingFrame frame, int maxWaiting)
    {
        if (IsLive)
        {
            if (IsNew(frame)) Sink.Send(frame);
        }
        else if (_waiting.Count < maxWaiting) _waiting.Add(frame);
        else
        {
            _waiting.Clear();
            Overflowed = true;
        }
    }

    /// <summary>Forgets what waited: what is read from now on has it.</summary>
    public void StartOver()
    {
        _waiting.Clear();
        Overflowed = false;
    }

    /// <summary>From here on frames go out at once, what waited first, as far as it is above what was replayed.</summary>
    public void GoLive(long cursor)
    {
        IsLive = true;
        _replayed = cursor;
        foreach (var frame in _waiting)
        {
            if (IsNew(frame)) Sink.Send(frame);
        }
        _waiting.Clear();
        _waiting.Capacity = 0;
    }

    // One published by hand has no number and is always new.
    private bool IsNew(OutgoingFrame frame) => frame.Seq == 0 || frame.Seq > _replayed;
}
