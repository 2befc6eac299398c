using Chat.Engines.Kafka.Clients;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Kafka;

/// <summary>The connections: one shared producer, and a consumer for each member.</summary>
internal sealed partial class KafkaClients(
    ProducerConfig producerConfig,
    ConsumerConfig consumerConfig,
    Func<SharedProducer> firstProducer,
    KafkaClientLog clientLog,
    TimeProvider time,
    ILogger<KafkaClients> logger) : IDisposable
{
    private readonly Lock _gate = new();
    private BrokerReminder? _reminder;

    // The appends that wait for an answer of the present producer.
    private readonly HashSet<PendingAppend> _pending = [];
    private SharedProducer? _producer;
    private bool _disposed;

    /// <summary>To be told how requests by the producer end.</summary>
    public BrokerReminder Reminder => _reminder ?? LazyInitializer.EnsureInitialized(ref _reminder, () => new(Remind, time));

    public SharedProducer Producer
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

    /// <summary>
    /// The present producer for one append, which fails where the producer is replaced or disposed of. To be ended by <see cref="End"/>.
    /// </summary>
    public (SharedProducer Producer, PendingAppend Append) Begin(int events)
    {
        lock (_gate)
        {
            var producer = Producer;
            var append = new PendingAppend(events);
            _pending.Add(append);
            return (producer, append);
        }
    }

    public void End(PendingAppend append)
    {
        lock (_gate) _pending.Remove(append);
    }

    /// <summary>
    /// Makes another producer where this one has failed for good, which idempotence brings with it: a producer that can't tell any
    /// more what the brokers have stops for ever. It answers nobody any more: every append that waits for it fails at once, and its
    /// caller tries again.
    /// </summary>
    public void Replace(SharedProducer failed, Error error)
    {
        PendingAppend[] abandoned;
        lock (_gate)
        {
            if (_disposed || _producer != failed) return;
            _producer = new(clientLog.Attach(new ProducerBuilder<string, byte[]>(producerConfig)).Build());
            abandoned = TakePending();
        }
        LogProducerReplaced(error.Code, error.Reason, abandoned.Length);
        Fail(abandoned, "The producer failed fatally and was replaced");
        failed.Dispose();
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
        PendingAppend[] abandoned;
        SharedProducer? producer;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            abandoned = TakePending();
            producer = _producer;
        }
        Fail(abandoned, "The producer was closed");
        producer?.Dispose();
    }

    private void Remind()
    {
        try
        {
            Producer.AddBrokers(producerConfig.BootstrapServers);
        }
        catch (ObjectDisposedException)
        {
            // Replaced meanwhile, or the process stops.
        }
    }

    // Under the gate.
    private PendingAppend[] TakePending()
    {
        PendingAppend[] taken = [.. _pending];
        _pending.Clear();
        return taken;
    }

    private static void Fail(PendingAppend[] appends, string reason)
    {
        foreach (var append in appends) append.Fail(new Error(ErrorCode.Local_Destroy, reason));
    }

    [LoggerMessage(
        EventId = LogEvents.ProducerReplaced,
        Level = LogLevel.Error,
        Message = "The Kafka producer failed fatally ({Code}: {Reason}); a new one takes its place, "
            + "and {Appends} appends that waited fail")]
    private partial void LogProducerReplaced(ErrorCode code, string reason, int appends);
}
