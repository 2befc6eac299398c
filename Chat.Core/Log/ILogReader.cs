namespace Chat.Core.Log;

/// <summary>
/// Looks at the event log from outside its consumer groups: joins nothing, commits nothing and holds nothing back, for those who
/// look after the system.
/// </summary>
public interface ILogReader
{
    /// <summary>What each partition of a topic holds now, in the order of their numbers.</summary>
    ValueTask<IReadOnlyList<PartitionRange>> GetRangesAsync(string topic, CancellationToken cancellationToken);

    /// <summary>The events from an offset on and below another, in order; those that retention has deleted are left out.</summary>
    IAsyncEnumerable<LogEvent> ReadAsync(TopicPartition partition, long from, long end, CancellationToken cancellationToken);

    /// <summary>What a group has committed of each partition, the offset after the last done; 0 where it has committed nothing.</summary>
    ValueTask<IReadOnlyList<long>> GetCommittedAsync(ConsumerGroup group, CancellationToken cancellationToken);
}

/// <summary>The offsets that a partition holds: from <paramref name="Start"/> on and below <paramref name="End"/>.</summary>
public readonly record struct PartitionRange(int Partition, long Start, long End);
