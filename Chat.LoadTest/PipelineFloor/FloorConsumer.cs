using Chat.Core.Log;
using Chat.Engines.Kafka;
using Confluent.Kafka;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>A record that was read.</summary>
/// <param name="Seq">Its number within its conversation, as the services count.</param>
internal readonly record struct FloorEvent(FloorRecord Record, byte[] Key, long Seq, DateTimeOffset AppendedAt);

/// <summary>What is done with the records of a topic.</summary>
internal interface IFloorRole
{
    /// <summary>How long it may be left waiting for records; null where it has nothing else to do.</summary>
    TimeSpan? Wait => null;

    /// <param name="events">What has come, of one conversation in its order; none where <see cref="Wait"/> is over.</param>
    Task HandleAsync(IReadOnlyList<FloorEvent> events);
}

/// <summary>
/// The bare consumer, with the services' settings but for the group: it has all partitions from the start and takes what has come of all of
/// them in one loop. Offsets are committed in the background.
/// </summary>
internal sealed class FloorConsumer : IDisposable
{
    private const int Epoch = 1;
    private const int MaxBatch = 1000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly IConsumer<byte[], byte[]> _consumer;
    private readonly string _topic;

    public FloorConsumer(string kafka, string topic)
    {
        _topic = topic;
        var config = new ConsumerConfig { BootstrapServers = kafka, GroupId = topic };
        KafkaSettings.Apply(config, new());
        config.StatisticsIntervalMs = 0; // nobody reads them
        _consumer = new ConsumerBuilder<byte[], byte[]>(config).Build();
    }

    public async Task RunAsync(IFloorRole role, CancellationToken cancellationToken)
    {
        _consumer.Assign(FloorTopics.From(_topic));
        var events = new List<FloorEvent>(MaxBatch);
        var next = new Dictionary<int, long>();
        while (!cancellationToken.IsCancellationRequested)
        {
            Take(role.Wait ?? LongestWait, events, next);
            await role.HandleAsync(events);
            foreach (var (partition, offset) in next) _consumer.StoreOffset(new TopicPartitionOffset(_topic, partition, offset));
            events.Clear();
            next.Clear();
        }
    }

    public void Dispose() => _consumer.Dispose();

    private void Take(TimeSpan wait, List<FloorEvent> events, Dictionary<int, long> next)
    {
        // Rounded up: what is due then is due when this ends.
        var result = _consumer.Consume((int)Math.Ceiling(Math.Clamp(wait.TotalMilliseconds, 0, LongestWait.TotalMilliseconds)));
        for (; result is not null; result = events.Count < MaxBatch ? _consumer.Consume(0) : null)
        {
            var (message, offset) = (result.Message, result.Offset.Value);
            events.Add(new(
                FloorRecord.Read(message.Value), message.Key, SequenceNumber.Create(Epoch, offset), message.Timestamp.UtcDateTime));
            next[result.Partition.Value] = offset + 1;
        }
    }
}
