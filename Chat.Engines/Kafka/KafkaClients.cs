using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Kafka;

/// <summary>The connections: one producer, the admin client on top of it, and a consumer for each member.</summary>
internal sealed partial class KafkaClients(
    ProducerConfig producerConfig,
    ConsumerConfig consumerConfig,
    Func<IProducer<string, byte[]>> firstProducer,
    KafkaClientLog clientLog,
    ILogger<KafkaClients> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private IProducer<string, byte[]>? _producer;
    private IAdminClient? _admin;
    private bool _disposed;

    public IProducer<string, byte[]> Producer
    {
        get
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                return _producer ??= firstProducer();
            }
        }
    }

    public IAdminClient Admin
    {
        get
        {
            lock (_gate) return _admin ??= new DependentAdminClientBuilder(Producer.Handle).Build();
        }
    }

    /// <summary>
    /// Makes another producer where this one has failed for good, which idempotence brings with it: a producer that can't tell any
    /// more what the brokers have stops for ever.
    /// </summary>
    public void Replace(IProducer<string, byte[]> failed, Error error)
    {
        lock (_gate)
        {
            if (_disposed || _producer != failed) return;
            LogProducerReplaced(error.Code, error.Reason);
            _admin?.Dispose();
            _admin = null;
            failed.Dispose();
            _producer = clientLog.Attach(new ProducerBuilder<string, byte[]>(producerConfig)).Build();
        }
    }

    public IConsumer<string?, byte[]> CreateConsumer(string group, Action<ConsumerBuilder<string?, byte[]>> configure)
    {
        var config = new ConsumerConfig(consumerConfig.ToDictionary(c => c.Key, c => c.Value)) { GroupId = group };
        var builder = clientLog.Attach(new ConsumerBuilder<string?, byte[]>(config));
        configure(builder);
        return builder.Build();
    }

    /// <summary>A consumer that joins no group; it says where a partition ends.</summary>
    /// <param name="group">Whose committed offsets it may ask for.</param>
    public IConsumer<string?, byte[]> CreateReader(string group)
    {
        var config = new ConsumerConfig(consumerConfig.ToDictionary(c => c.Key, c => c.Value))
        {
            GroupId = group,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            StatisticsIntervalMs = 0,
        };
        return clientLog.Attach(new ConsumerBuilder<string?, byte[]>(config)).Build();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            _admin?.Dispose();
            _producer?.Dispose();
        }
    }

    [LoggerMessage(
        EventId = LogEvents.ProducerReplaced,
        Level = LogLevel.Error,
        Message = "The Kafka producer failed fatally ({Code}: {Reason}); a new one takes its place")]
    private partial void LogProducerReplaced(ErrorCode code, string reason);
}
