using Chat.Core.Log;

namespace Chat.Engines.Embedded.Log;

/// <summary>
/// A partition in memory: where it ends, its most recent events (the tail), and who waits for more. What the tail no longer has
/// is read from disk.
/// </summary>
internal sealed class LogPartition
{
    private readonly Lock _gate = new();
    private readonly int _tailBytes;
    private readonly LogTail _tail = new();
    private long _bytes;
    private long _end;
    private TaskCompletionSource _appended = NewSignal();

    public LogPartition(long id, TopicPartition name, long nextOffset, int tailBytes)
    {
        Id = id;
        Name = name;
        _end = NextOffset = nextOffset;
        _tailBytes = tailBytes;
    }

    public long Id { get; }

    public TopicPartition Name { get; }

    /// <summary>
    /// The offset of the next event. The writer's thread alone uses it: it is ahead of <see cref="End"/> within a transaction.
    /// </summary>
    public long NextOffset { get; set; }

    /// <summary>The offset after the last event that is on disk.</summary>
    public long End
    {
        get
        {
            lock (_gate) return _end;
        }
    }

    /// <summary>Events that are on disk now, rising and above all that were published before.</summary>
    public void Publish(ReadOnlySpan<LogEvent> events)
    {
        TaskCompletionSource appended;
        lock (_gate)
        {
            foreach (var e in events)
            {
                _tail.Add(e);
                _bytes += Size(e);
            }
            _end = events[^1].Offset + 1;
            while (_bytes > _tailBytes) _bytes -= Size(_tail.RemoveFirst());
            appended = _appended;
            _appended = NewSignal();
        }
        appended.SetResult();
    }

    /// <summary>
    /// What the tail has from an offset on. Null where that is to be read from disk; empty where there is nothing yet, and
    /// <paramref name="more"/> completes once there may be.
    /// </summary>
    public IReadOnlyList<LogEvent>? Read(long from, int max, out Task more)
    {
        lock (_gate)
        {
            more = _appended.Task;
            if (from >= _end) return [];
            return from < TailStartLocked ? null : _tail.From(from, max);
        }
    }

    /// <summary>Forgets the tail, of which events were removed on disk: what is read comes from there, until more is appended.</summary>
    public void DropTail()
    {
        lock (_gate)
        {
            while (_tail.Count > 0) _tail.RemoveFirst();
            _bytes = 0;
        }
    }

    /// <summary>The first offset that the tail has; the end where it is empty.</summary>
    public long TailStart
    {
        get
        {
            lock (_gate) return TailStartLocked;
        }
    }

    private long TailStartLocked => _tail.Count > 0 ? _tail.FirstOffset : _end;

    // A little more than what the objects around an event take.
    private static int Size(LogEvent e) => e.Value.Length + 200;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
