using Chat.Core.Log;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Log;

/// <summary>A partition as one group has it: what is committed, who has it, and its one open reader.</summary>
/// <param name="committed">What is committed; null where nothing is known of the group.</param>
/// <param name="lost">Told how many events went before the group had them, and from which offset on; each once.</param>
internal sealed class GroupPartition(
    LogPartition log, SqliteReaders readers, long? committed, Action<GroupPartition> onCommit, Action<GroupPartition, long, long> lost)
{
    private readonly Lock _gate = new();
    private Reader? _open;
    private long _committed = committed ?? 0;

    // Below it every event was read, or counted as lost. A new group has lost nothing of what went before it came.
    private long _expected = committed ?? long.MaxValue;

    public LogPartition Log => log;

    public long Committed
    {
        get
        {
            lock (_gate) return _committed;
        }
    }

    /// <summary>Who runs a call on it now. Under the group's lock, as the next two.</summary>
    public GroupMembership? Owner { get; set; }

    /// <summary>Who is to have it.</summary>
    public GroupMembership? Target { get; set; }

    /// <summary>Asks the owner to release it.</summary>
    public CancellationTokenSource? Revocation { get; set; }

    /// <summary>A reader from the committed offset on; whatever was open before has lost the partition.</summary>
    public IPartitionConsumer Open()
    {
        lock (_gate) return _open = new(this, _committed);
    }

    public void Close()
    {
        lock (_gate) _open = null;
    }

    private void Commit(Reader reader, long nextOffset)
    {
        lock (_gate)
        {
            if (_open != reader || nextOffset <= _committed) return;
            _committed = nextOffset;
        }
        onCommit(this);
    }

    private async ValueTask<IReadOnlyList<LogEvent>> ReadAsync(long from, int max, CancellationToken cancellationToken)
    {
        var first = from;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var events = log.Read(from, max, out var more);
            if (events is null)
            {
                events = readers.Read(session => LogFile.ReadEvents(session, log, from, max));
                // Nothing there between the offset and the tail: trimmed.
                if (events.Count == 0) NoteLoss(first, from = log.TailStart);
            }
            else if (events.Count == 0)
            {
                await more.WaitAsync(cancellationToken);
            }
            if (events.Count == 0) continue;
            NoteLoss(first, events[0].Offset);
            return events;
        }
    }

    // Offsets here have no holes: what lies between is what retention deleted.
    private void NoteLoss(long expected, long next)
    {
        long from;
        lock (_gate)
        {
            from = _expected == long.MaxValue ? next : Math.Max(expected, _expected);
            _expected = next;
        }
        if (next > from) lost(this, next - from, from);
    }

    private sealed class Reader(GroupPartition partition, long next) : IPartitionConsumer
    {
        private long _next = next;

        public TopicPartition Partition => partition.Log.Name;

        public async ValueTask<IReadOnlyList<LogEvent>> ReadAsync(int max, CancellationToken cancellationToken)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
            var events = await partition.ReadAsync(_next, max, cancellationToken);
            _next = events[^1].Offset + 1;
            return events;
        }

        public ValueTask CommitAsync(long nextOffset, CancellationToken cancellationToken)
        {
            partition.Commit(this, nextOffset);
            return ValueTask.CompletedTask;
        }
    }
}
