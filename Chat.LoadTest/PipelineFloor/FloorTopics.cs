using Chat.Engines.Kafka;
using Chat.LoadTest.Distributed;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>
/// The floor's topics, beside the services' own and made like them: messages, statuses, and the one way out, since one channel takes all.
/// </summary>
/// <param name="Run">What their names begin with, different in each run.</param>
internal sealed record FloorTopics(string Run)
{
    // As the services' settings where nothing is set.
    private static readonly int Partitions = new KafkaOptions().Partitions;

    public string Messages => $"{Run}.messages";

    public string Status => $"{Run}.msg.status";

    public string Outbound => $"{Run}.msg.out";

    public static FloorTopics Create() => new($"floor.{Guid.NewGuid():N}");

    public async Task MakeAsync(ServerOptions servers)
    {
        var settings = new Dictionary<string, string> { ["message.timestamp.type"] = "LogAppendTime" };
        if (servers.KafkaCopies is not null) settings["min.insync.replicas"] = $"{ServerOptions.Acknowledging}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers.Kafka }).Build();
        await admin.CreateTopicsAsync(((string[])[Messages, Status, Outbound]).Select(name => new TopicSpecification
        {
            Name = name,
            NumPartitions = Partitions,
            ReplicationFactor = servers.KafkaCopies ?? -1,
            Configs = settings,
        }));
    }

    /// <summary>All partitions of a topic from their beginnings.</summary>
    public static IEnumerable<TopicPartitionOffset> From(string topic) =>
        Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning));
}
