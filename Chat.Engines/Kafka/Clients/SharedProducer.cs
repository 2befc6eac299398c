using Confluent.Kafka;

namespace Chat.Engines.Kafka.Clients;

/// <summary>The producer that all appends share, and on top of it an admin client for each request. For any thread.</summary>
internal sealed class SharedProducer(
    IProducer<string, byte[]> producer, Func<IProducer<string, byte[]>, IAdminClient> createAdmin) : IDisposable
{
    // Calls are short. A request that has no answer by then may have none for ever.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly CallGate _calls = new();

    public SharedProducer(IProducer<string, byte[]> producer)
        : this(producer, p => new DependentAdminClientBuilder(p.Handle).Build())
    {
    }

    /// <summary>Hands one event to librdkafka, which copies what it needs of it.</summary>
    /// <exception cref="ProduceException{TKey, TValue}">librdkafka did not take it; its queue is full, for example.</exception>
    /// <exception cref="ObjectDisposedException">The producer was closed.</exception>
    public void Produce(string topic, Message<string, byte[]> message, Action<DeliveryReport<string, byte[]>> report)
    {
        Enter();
        try
        {
            producer.Produce(topic, message, report);
        }
        finally
        {
            _calls.Exit();
        }
    }

    /// <summary>
    /// Sends one request to the brokers. Its task may never end (the producer is closed, or the client can't read the answer): bound the
    /// wait.
    /// </summary>
    /// <remarks>
    /// By an admin client of its own: one that can't read an answer frees its queue, and the next request by it, and its disposal too,
    /// would use freed memory. So it is disposed of only after its answer.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The producer was closed.</exception>
    public TTask Ask<TTask>(Func<IAdminClient, TTask> request)
        where TTask : Task
    {
        Enter();
        IAdminClient? admin = null;
        try
        {
            admin = createAdmin(producer);
            var answer = request(admin);
            // On the thread pool: an admin client takes 100 ms to end.
            _ = answer.ContinueWith(
                _ => End(admin), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            return answer;
        }
        catch
        {
            End(admin);
            throw;
        }
    }

    /// <summary>Tells librdkafka again where the brokers are.</summary>
    /// <exception cref="ObjectDisposedException">The producer was closed.</exception>
    public void AddBrokers(string brokers)
    {
        Enter();
        try
        {
            producer.AddBrokers(brokers);
        }
        finally
        {
            _calls.Exit();
        }
    }

    /// <summary>Frees the producer, unless a request is without its answer: then the end of the process does.</summary>
    public void Dispose()
    {
        if (_calls.Close(Patience)) producer.Dispose();
    }

    private void End(IAdminClient? admin)
    {
        try
        {
            admin?.Dispose();
        }
        finally
        {
            _calls.Exit();
        }
    }

    private void Enter() => ObjectDisposedException.ThrowIf(!_calls.TryEnter(), this);
}
