using Chat.Core.Log;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using TopicPartition = Chat.Core.Log.TopicPartition;

namespace Chat.Engines.Kafka.Members;

/// <summary>
/// Notices what retention deleted before the group had processed it: compares the committed offset with the log's start when a
/// partition is assigned, and the offset expected with the start where an offset jumps. Each event counts once. For the polling
/// thread alone.
/// </summary>
internal sealed partial class LossWatch(ConsumerGroup group, ILossOffsets offsets, TimeProvider time, ILogger logger)
{
    // A topic with another producer's transactions has a hole after each: the brokers are not asked about every one at once.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // Up to where each partition's events have come, and up to where they were counted as lost.
    private readonly Dictionary<int, long> _expected = [];
    private readonly Dictionary<int, long> _counted = [];

    // Jumps of each partition's offsets that the brokers were not asked about yet, and when they were asked last.
    private readonly Dictionary<int, List<(long From, long Next)>> _jumps = [];
    private readonly Dictionary<int, long> _lastLooks = [];

    public void Assigned(IReadOnlyList<int> partitions)
    {
        foreach (var partition in partitions) _expected.Remove(partition);
        try
        {
            foreach (var (partition, committed) in offsets.Committed(partitions))
            {
                var start = offsets.Start(partition);
                if (committed < 0)
                {
                    if (start > 0) LogNothingCommitted(group.Group, new TopicPartition(group.Topic, partition), start);
                    continue;
                }
                _expected[partition] = Math.Max(committed, start);
                // The group's next member finds it counted.
                if (Count(partition, committed, start)) offsets.Commit([(partition, start)]);
            }
        }
        catch (KafkaException exception)
        {
            // The first event then says from where on offsets are expected.
            LogUnknown(group.Group, group.Topic, exception.Error.Code, exception.Error.Reason);
        }
    }

    /// <summary>An event that was fetched.</summary>
    public void Fetched(int partition, long offset)
    {
        if (_expected.TryGetValue(partition, out var expected) && offset > expected)
        {
            if (!_jumps.TryGetValue(partition, out var jumps)) jumps = _jumps[partition] = [];
            jumps.Add((expected, offset));
            if (IsDue(partition)) Look(partition);
        }
        _expected[partition] = offset + 1;
    }

    /// <summary>Asks about jumps that were not asked about at once; to be called now and then.</summary>
    public void Look()
    {
        if (_jumps.Count == 0) return;
        foreach (var partition in _jumps.Keys.Where(IsDue).ToArray()) Look(partition);
    }

    /// <summary>Partitions go to another member, which starts after what they jumped over.</summary>
    public void Revoked(IReadOnlyList<int> partitions)
    {
        foreach (var partition in partitions.Where(IsUndecided)) Look(partition);
    }

    /// <summary>Events from an offset on come again.</summary>
    public void Rewound(int partition, long offset)
    {
        if (_expected.ContainsKey(partition)) _expected[partition] = offset;
    }

    /// <summary>Whether a partition has a jump that the brokers were not asked about yet.</summary>
    internal bool IsUndecided(int partition) => _jumps.ContainsKey(partition);

    private bool IsDue(int partition) => !_lastLooks.TryGetValue(partition, out var last) || time.GetElapsedTime(last) >= LookInterval;

    private void Look(int partition)
    {
        _lastLooks[partition] = time.GetTimestamp();
        _jumps.Remove(partition, out var jumps);
        try
        {
            var start = offsets.Start(partition);
            // A hole above the log's start (another producer's transactions) is no loss.
            foreach (var (from, next) in jumps!) Count(partition, from, Math.Min(start, next));
        }
        catch (KafkaException exception)
        {
            LogUnknown(group.Group, group.Topic, exception.Error.Code, exception.Error.Reason);
        }
    }

    // What comes again after a rewind or another assignment jumps over the same once more.
    private bool Count(int partition, long from, long to)
    {
        from = Math.Max(from, _counted.GetValueOrDefault(partition));
        if (to <= from) return false;
        _counted[partition] = to;
        LogLoss.Report(logger, group.Group, new TopicPartition(group.Topic, partition), to - from, from);
        return true;
    }

    [LoggerMessage(
        EventId = LogEvents.NothingCommitted,
        Level = LogLevel.Warning,
        Message = "Group {Group} has no committed offset of {Partition}, which starts at {Start}: "
            + "a new group, or one whose offsets expired")]
    private partial void LogNothingCommitted(string group, TopicPartition partition, long start);

    [LoggerMessage(
        EventId = LogEvents.LossUnknown,
        Level = LogLevel.Warning,
        Message = "Group {Group}, topic {Topic}: could not compare the committed offsets with the log's start ({Code}: {Reason}); "
            + "a loss by retention may go unnoticed")]
    private partial void LogUnknown(string group, string topic, ErrorCode code, string reason);
}

/// <summary>What <see cref="LossWatch"/> asks the brokers, who answer in bounded time.</summary>
internal interface ILossOffsets
{
    /// <summary>The group's committed offsets; negative where there is none.</summary>
    /// <exception cref="KafkaException">No answer.</exception>
    IReadOnlyList<(int Partition, long Offset)> Committed(IReadOnlyList<int> partitions);

    /// <summary>The first offset that the partition has.</summary>
    /// <exception cref="KafkaException">No answer.</exception>
    long Start(int partition);

    /// <summary>Commits offsets; where that doesn't work, it is logged.</summary>
    void Commit(IEnumerable<(int Partition, long NextOffset)> offsets);
}
