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
    // A topic with another producer's transactions has a hole after each: the brokers are not asked about every one.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    // Up to where each partition's events have come or were counted as lost.
    private readonly Dictionary<int, long> _expected = [];
    private readonly Dictionary<int, long> _starts = [];
    private long? _lastLook;

    public void Assigned(IReadOnlyList<int> partitions)
    {
        foreach (var partition in partitions) _expected.Remove(partition);
        try
        {
            foreach (var (partition, committed) in offsets.Committed(partitions))
            {
                var start = _starts[partition] = offsets.Start(partition);
                if (committed < 0)
                {
                    if (start > 0) LogNothingCommitted(group.Group, new TopicPartition(group.Topic, partition), start);
                }
                else if (Expect(partition, committed, start, null) > 0)
                {
                    // The group's next member finds it counted.
                    offsets.Commit([(partition, start)]);
                }
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
            Expect(partition, expected, StartOf(partition), offset);
        _expected[partition] = offset + 1;
    }

    /// <summary>Events from an offset on come again.</summary>
    public void Rewound(int partition, long offset)
    {
        if (_expected.ContainsKey(partition)) _expected[partition] = offset;
    }

    private long Expect(int partition, long expected, long start, long? next)
    {
        // A hole above the log's start (another producer's transactions) is no loss.
        var lost = Math.Max(0, Math.Min(start, next ?? start) - expected);
        _expected[partition] = expected + lost;
        if (lost > 0) LogLoss.Report(logger, group.Group, new TopicPartition(group.Topic, partition), lost, expected);
        return lost;
    }

    private long StartOf(int partition)
    {
        if (_lastLook is not { } last || time.GetElapsedTime(last) >= LookInterval)
        {
            _lastLook = time.GetTimestamp();
            try
            {
                _starts[partition] = offsets.Start(partition);
            }
            catch (KafkaException exception)
            {
                LogUnknown(group.Group, group.Topic, exception.Error.Code, exception.Error.Reason);
            }
        }
        return _starts.GetValueOrDefault(partition);
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
