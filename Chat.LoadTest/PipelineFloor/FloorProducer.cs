using Chat.Engines.Kafka;
using Confluent.Kafka;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>A record that is to be appended.</summary>
/// <param name="Key">The conversation's id, as the services' records have it.</param>
internal readonly record struct FloorAppend(string Topic, byte[] Key, byte[] Value);

/// <summary>Appends records, and ends once the brokers have all of them.</summary>
internal delegate Task AppendRecords(IReadOnlyCollection<FloorAppend> records);

/// <summary>The bare producer, with the services' settings.</summary>
internal sealed class FloorProducer : IDisposable
{
    private readonly IProducer<byte[], byte[]> _producer;

    public FloorProducer(string kafka)
    {
        var config = new ProducerConfig { BootstrapServers = kafka };
        KafkaSettings.Apply(config, new());
        _producer = new ProducerBuilder<byte[], byte[]>(config).Build();
    }

    /// <inheritdoc cref="AppendRecords"/>
    public Task AppendAsync(IReadOnlyCollection<FloorAppend> records)
    {
        if (records.Count == 0) return Task.CompletedTask;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var open = records.Count;
        foreach (var record in records) _producer.Produce(record.Topic, new() { Key = record.Key, Value = record.Value }, Report);
        return done.Task;

        void Report(DeliveryReport<byte[], byte[]> report)
        {
            if (report.Error.IsError) done.TrySetException(new KafkaException(report.Error));
            else if (Interlocked.Decrement(ref open) == 0) done.TrySetResult();
        }
    }

    public void Dispose() => _producer.Dispose();
}
