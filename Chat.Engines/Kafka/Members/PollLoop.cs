using Chat.Core.Log;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using TopicPartition = Chat.Core.Log.TopicPartition;

namespace Chat.Engines.Kafka.Members;

/// <summary>Takes events from the consumer into the partitions' buffers, and pauses the partitions whose buffers are full.</summary>
internal sealed partial class PollLoop(
    ConsumerGroup group, GroupConsumer consumer, Assignment assignment, LossWatch loss, KafkaOptions options, ILogger logger)
{
    private const int IdlePollMs = 100;
    private const int PausedPollMs = 2;
    private const int MaxPollBatch = 1000;

    private readonly HashSet<KafkaPartition> _touched = [];

    /// <summary>
    /// Whether an event came with an offset not above the last: of one incarnation of a topic they only rise, so this is another.
    /// </summary>
    public bool OffsetMovedBack { get; private set; }

    /// <summary>Waits for events for a moment and takes those that are there. Rebalances happen in here.</summary>
    public void Poll()
    {
        try
        {
            var result = consumer.Poll(assignment.Partitions.Any(p => p.Paused) ? PausedPollMs : IdlePollMs);
            for (var count = 0; result is not null; result = consumer.Poll(0))
            {
                Take(result);
                if (++count == MaxPollBatch) break;
            }
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            // librdkafka tries again by itself: the topic is not there yet, a broker is away.
            LogConsumeFailed(group.Group, group.Topic, exception.Error.Code, exception.Error.Reason);
        }
        loss.Look();
        foreach (var partition in _touched)
        {
            if (!assignment.IsCurrent(partition)) continue;
            partition.Announce();
            if (!partition.Paused && IsAbove(partition.Buffered, 1)) Pause(partition);
        }
        _touched.Clear();
        foreach (var partition in assignment.Partitions)
        {
            if (partition.Paused && !IsAbove(partition.Buffered, 0.5)) Resume(partition);
        }
    }

    /// <summary>Fetches a partition's events from an offset on again.</summary>
    public void Seek(KafkaPartition partition, long offset)
    {
        consumer.Seek(partition.Number, offset);
        partition.Rewind(offset);
        loss.Rewound(partition.Number, offset);
        if (partition.Paused) Resume(partition);
    }

    private void Take(ConsumeResult<string?, byte[]> result)
    {
        if (!assignment.TryGet(result.Partition.Value, out var partition)) return;
        if (result.Offset.Value <= partition.LastFetched)
        {
            if (!OffsetMovedBack) LogOffsetMovedBack(partition.Partition, partition.LastFetched, result.Offset.Value);
            // Another topic's offsets, of every partition.
            foreach (var one in assignment.Partitions) one.StopCommits();
            OffsetMovedBack = true;
            return;
        }
        loss.Fetched(partition.Number, result.Offset.Value);
        partition.Add(result.ToLogEvent());
        _touched.Add(partition);
    }

    private bool IsAbove((int Events, long Bytes) buffered, double share) =>
        buffered.Events > options.BufferedEvents * share || buffered.Bytes > options.BufferedBytes * share;

    private void Pause(KafkaPartition partition)
    {
        consumer.Pause(partition.Number);
        partition.Paused = true;
    }

    private void Resume(KafkaPartition partition)
    {
        consumer.Resume(partition.Number);
        partition.Paused = false;
    }

    [LoggerMessage(
        EventId = LogEvents.ConsumeFailed,
        Level = LogLevel.Warning,
        Message = "Group {Group}, topic {Topic}: consuming failed ({Code}: {Reason}); the client tries again by itself")]
    private partial void LogConsumeFailed(string group, string topic, ErrorCode code, string reason);

    [LoggerMessage(
        EventId = LogEvents.OffsetMovedBack,
        Level = LogLevel.Error,
        Message = "Offset moved backwards in {Partition}, from {Last} to {Offset}: was the topic deleted and created again? "
            + "Rejoining the group")]
    private partial void LogOffsetMovedBack(TopicPartition partition, long last, long offset);
}
