using Chat.Core.Messages;

namespace Chat.Connectors.Outbound;

/// <summary>
/// Decides, for one partition of <c>msg.out.{channel}</c>, how much more may be read, which status is due when, and how far the
/// partition is done: a message is once its last status is in the log, and only what has nothing undone before it is
/// committed. No clock, no I/O.
/// </summary>
/// <param name="capacity">The most messages that are kept: read, and not yet committable.</param>
public sealed class OutboundFlow(int capacity)
{
    // In the order of reading, from the first that is not done.
    private readonly Queue<InFlight> _messages = new();

    // Of statuses due at the same time, the one that was planned first: a message's own keep their order.
    private readonly PriorityQueue<DueStatus, (TimeSpan Due, long Order)> _statuses = new();

    private long _order;
    private long _lastRead = -1;
    private long? _committable;

    /// <summary>How many more messages may be read now. Where it is 0, a status is due some time, or one is being appended.</summary>
    public int Room => capacity - _messages.Count;

    /// <summary>Messages that are not done, or wait for one before them.</summary>
    public int Count => _messages.Count;

    /// <summary>When the next status is due, by the clock of <see cref="Plan"/>'s <c>since</c>; null where none is planned.</summary>
    public TimeSpan? NextDue => _statuses.TryPeek(out _, out var priority) ? priority.Due : null;

    /// <summary>Notes that an event was read. It holds up the commit of those after it until it is done.</summary>
    public InFlight Take(long offset)
    {
        if (offset <= _lastRead) throw new ArgumentOutOfRangeException(nameof(offset), offset, $"read after {_lastRead}");
        if (Room <= 0) throw new InvalidOperationException("There is no room for another message.");
        _lastRead = offset;
        var message = new InFlight(offset);
        _messages.Enqueue(message);
        return message;
    }

    /// <summary>Notes what is to be reported of a message; it is done once all of it is in the log, at once where it is nothing.</summary>
    /// <param name="handedOverAt">The ledger's time, from which the times of the statuses count.</param>
    /// <param name="since">The same moment on the monotonic clock that statuses are due by.</param>
    public void Plan(
        InFlight inFlight,
        Message message,
        string? traceParent,
        DateTimeOffset handedOverAt,
        TimeSpan since,
        IReadOnlyList<PlannedStatus> statuses)
    {
        inFlight.Open = statuses.Count;
        foreach (var status in statuses)
        {
            var due = new DueStatus(inFlight, message, traceParent, status, handedOverAt + status.After);
            _statuses.Enqueue(due, (since + status.After, _order++));
        }
        Advance();
    }

    /// <summary>Notes that nothing is left to be reported of an event: it was put aside, held, or sent from an account.</summary>
    public void Drop(InFlight inFlight)
    {
        inFlight.Open = 0;
        Advance();
    }

    /// <summary>The statuses that are due, in the order of their times; those of one message in the order they were planned.</summary>
    public IReadOnlyList<DueStatus> TakeDue(TimeSpan now, int max)
    {
        var due = new List<DueStatus>();
        while (due.Count < max && _statuses.TryPeek(out var status, out var priority) && priority.Due <= now)
        {
            _statuses.Dequeue();
            due.Add(status);
        }
        return due;
    }

    /// <summary>Notes that statuses are in the log.</summary>
    public void MarkAppended(IReadOnlyList<DueStatus> statuses)
    {
        foreach (var status in statuses) status.InFlight.Open--;
        Advance();
    }

    /// <summary>The offset below which everything is done, where that has risen since it was last asked for.</summary>
    public long? TakeCommit()
    {
        var next = _committable;
        _committable = null;
        return next;
    }

    private void Advance()
    {
        while (_messages.TryPeek(out var first) && first.Open == 0)
        {
            _messages.Dequeue();
            _committable = first.Offset + 1;
        }
    }
}

/// <summary>A message of which not everything is reported yet.</summary>
public sealed class InFlight(long offset)
{
    public long Offset { get; } = offset;

    /// <summary>How many of its statuses are not in the log yet; unknown until they are planned.</summary>
    internal int Open { get; set; } = int.MaxValue;
}

/// <summary>A status whose time has come.</summary>
/// <param name="At">The status' own time: when it was due, by the wall clock at the hand-over.</param>
public sealed record DueStatus(InFlight InFlight, Message Message, string? TraceParent, PlannedStatus Status, DateTimeOffset At);
