using Chat.Core.Log;

namespace Chat.Engines.Kafka.Members;

/// <summary>What was fetched of a partition and not read yet. One thread adds, one caller at a time reads.</summary>
internal sealed class PartitionBuffer
{
    private readonly Lock _lock = new();
    private readonly Queue<LogEvent> _events = new();
    private TaskCompletionSource? _arrival;
    private long _bytes;

    /// <summary>How much waits: events, and the bytes of their values.</summary>
    public (int Events, long Bytes) Size
    {
        get
        {
            lock (_lock) return (_events.Count, _bytes);
        }
    }

    /// <summary>Adds an event; a reader that waits is not woken before <see cref="Announce"/>, so that it finds a batch.</summary>
    public void Add(LogEvent added)
    {
        lock (_lock)
        {
            _events.Enqueue(added);
            _bytes += added.Value.Length;
        }
    }

    public void Announce()
    {
        TaskCompletionSource? arrival;
        lock (_lock)
        {
            if (_events.Count == 0) return;
            arrival = _arrival;
            _arrival = null;
        }
        arrival?.SetResult();
    }

    /// <summary>Cancels a read that waits: its caller has ended without waiting for it, and would take the next caller's events.</summary>
    public void Interrupt()
    {
        TaskCompletionSource? arrival;
        lock (_lock)
        {
            arrival = _arrival;
            _arrival = null;
        }
        arrival?.SetCanceled();
    }

    public void Clear()
    {
        lock (_lock)
        {
            _events.Clear();
            _bytes = 0;
        }
    }

    /// <summary>The next events, at least one and at most <paramref name="max"/>.</summary>
    public async ValueTask<LogEvent[]> TakeAsync(int max, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task arrival;
            lock (_lock)
            {
                if (_events.Count > 0) return Take(Math.Min(max, _events.Count));
                arrival = (_arrival ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
            await arrival.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private LogEvent[] Take(int count)
    {
        var taken = new LogEvent[count];
        for (var i = 0; i < count; i++)
        {
            taken[i] = _events.Dequeue();
            _bytes -= taken[i].Value.Length;
        }
        return taken;
    }
}
