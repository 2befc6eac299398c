using Chat.Core.Log;
using Chat.Engines.Kafka.Clients;
using Confluent.Kafka;

namespace Chat.Engines.Kafka;

/// <summary>librdkafka's settings, as the log's promises need them.</summary>
internal static class KafkaSettings
{
    /// <summary>Durable, in order, and on the partitions where every other engine and foreign producer puts a key.</summary>
    public static void Apply(ProducerConfig config, KafkaOptions options)
    {
        ApplyCommon(config);
        KafkaSecurity.Apply(config, options);
        config.EnableIdempotence = true;
        config.Acks = Acks.All;
        config.Partitioner = Partitioner.Murmur2Random;
        config.MessageTimeoutMs = (int)options.DeliveryTimeout.TotalMilliseconds;
        config.DeliveryReportFields = "status";
        config.LingerMs ??= 2;
        // A record that the topic takes is taken as a dead letter too.
        config.MessageMaxBytes ??= options.MaxMessageBytes + DeadLetters.Room;
        // What waits for its acknowledgement is bounded, in megabytes and not in a gigabyte.
        config.QueueBufferingMaxKbytes ??= 128 * 1024;
        foreach (var (name, value) in options.Client.Concat(options.Producer)) config.Set(name, value);
    }

    /// <summary>Offsets by hand, after the side effect; partitions move one by one and not all at once.</summary>
    public static void Apply(ConsumerConfig config, KafkaOptions options)
    {
        ApplyCommon(config);
        KafkaSecurity.Apply(config, options);
        config.AutoOffsetReset = AutoOffsetReset.Earliest;
        config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky;
        // Stored by hand, committed in batches in the background, and by hand at a revocation.
        config.EnableAutoOffsetStore = false;
        config.EnableAutoCommit = true;
        config.AutoCommitIntervalMs ??= 500;
        config.AllowAutoCreateTopics = false;
        config.EnablePartitionEof = false;
        config.StatisticsIntervalMs = (int)options.LagInterval.TotalMilliseconds;
        // A killed member's partitions are back at work within seconds.
        config.SessionTimeoutMs ??= 10_000;
        config.HeartbeatIntervalMs ??= 2_000;
        // librdkafka's own queue is drained into the partitions' buffers: pausing throws away what it holds, so it holds little,
        // and a full one must not cost the default second.
        config.QueuedMinMessages ??= 4000;
        config.QueuedMaxMessagesKbytes ??= 8 * 1024;
        config.FetchQueueBackoffMs ??= 10;
        // One member has one topic, whose name need not be made into a string for every event.
        config.ConsumeResultFields = "headers,timestamp";
        foreach (var (name, value) in options.Client.Concat(options.Consumer)) config.Set(name, value);
    }

    private static void ApplyCommon(ClientConfig config)
    {
        config.ClientId ??= "chat";
        config.ReconnectBackoffMaxMs ??= 2_000;
        config.TopicMetadataRefreshIntervalMs ??= 15_000;
        config.SocketKeepaliveEnable ??= true;
        config.LogConnectionClose ??= false;
    }
}
