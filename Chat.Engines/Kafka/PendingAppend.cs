using Chat.Core.Log;
using Confluent.Kafka;

namespace Chat.Engines.Kafka;

/// <summary>The events of one append, until the brokers have acknowledged or refused each of them.</summary>
internal sealed class PendingAppend(int count)
{
    private readonly EventPosition[] _positions = new EventPosition[count];
    private readonly TaskCompletionSource<IReadOnlyList<EventPosition>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Error? _error;
    private int _open = count;

    /// <summary>The places; a <see cref="KafkaException"/> where any was refused.</summary>
    public Task<IReadOnlyList<EventPosition>> Task => _done.Task;

    /// <summary>
    /// The places, waited for in bounded time: whatever becomes of the client, an append ends.
    /// </summary>
    /// <exception cref="KafkaException">Any of them was refused, or <paramref name="longest"/> has passed.</exception>
    public async Task<IReadOnlyList<EventPosition>> WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.WaitAsync(longest, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new KafkaException(new Error(ErrorCode.Local_MsgTimedOut, $"The client said nothing of the append for {longest}"));
        }
    }

    /// <summary>Fails the append now: no answer will come any more. Nothing where it is over.</summary>
    public void Fail(Error error) => _done.TrySetException(new KafkaException(error));

    /// <summary>Takes the brokers' answer for one event.</summary>
    /// <remarks>
    /// Without an offset no broker has answered: librdkafka takes a batch for persisted that failed, once a later one is acknowledged,
    /// and a partition that has nothing of this producer yet takes the later one (confluent-kafka-go, issue 921).
    /// </remarks>
    public void Report(int index, DeliveryReport<string, byte[]> report)
    {
        if (report.Error.IsError) Close(1, report.Error);
        else if (report.Status != PersistenceStatus.Persisted || report.Offset.IsSpecial)
            Close(1, new Error(ErrorCode.Local_Fail, "Not known to be persisted"));
        else
        {
            _positions[index] = new(report.Partition.Value, report.Offset.Value);
            Close(1, null);
        }
    }

    /// <summary>Gives up on the last <paramref name="rest"/> events, which were not produced at all.</summary>
    public void Abandon(int rest, Error error) => Close(rest, error);

    private void Close(int closed, Error? error)
    {
        if (error is not null) Interlocked.CompareExchange(ref _error, error, null);
        if (Interlocked.Add(ref _open, -closed) > 0) return;
        if (Volatile.Read(ref _error) is { } first) _done.TrySetException(new KafkaException(first));
        else _done.TrySetResult(_positions);
    }
}
