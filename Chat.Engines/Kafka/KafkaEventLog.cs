using System.Runtime.InteropServices;
using System.Text;
using Chat.Core.Log;
using Chat.Engines.Kafka.Clients;
using Chat.Engines.Kafka.Members;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TopicDescription = Chat.Core.Log.TopicDescription;

namespace Chat.Engines.Kafka;

/// <summary>The event log on Kafka.</summary>
internal sealed partial class KafkaEventLog(
    KafkaClients clients,
    KafkaTopics topics,
    LastAppend lastAppend,
    IOptions<KafkaOptions> options,
    TimeProvider time,
    ILogger<KafkaEventLog> logger) : IEventLog
{
    private const string SystemName = "kafka";

    // The client itself gives up at the delivery timeout, which it looks at each second.
    private static readonly TimeSpan DeliverySlack = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FullQueuePause = TimeSpan.FromMilliseconds(5);

    private readonly KafkaOptions _options = options.Value;

    public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
        topics.DescribeAsync(topic, cancellationToken);

    public string MessagingSystem => SystemName;

    public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) =>
        AppendSpans.TraceAsync(MessagingSystem, events, AppendUntracedAsync, cancellationToken);

    private async ValueTask<IReadOnlyList<EventPosition>> AppendUntracedAsync(
        IReadOnlyList<NewEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0) return [];
        cancellationToken.ThrowIfCancellationRequested();
        // Never left to the brokers' auto-creation, whose topics have another clock and partition count.
        foreach (var added in events)
        {
            if (!topics.IsKnown(added.Topic)) await topics.DescribeAsync(added.Topic, cancellationToken).ConfigureAwait(false);
        }
        var started = time.GetTimestamp();
        using var append = new MeasuredAppend(SystemName, events, time);
        var (producer, pending) = clients.Begin(events.Count);
        try
        {
            for (var i = 0; i < events.Count; i++)
            {
                var error = await ProduceAsync(producer, events[i], i, pending, started, cancellationToken).ConfigureAwait(false);
                if (error is null) continue;
                pending.Abandon(events.Count - i, error);
                break;
            }
            var longest = _options.DeliveryTimeout + DeliverySlack;
            var positions = await pending.WaitAsync(longest, time, cancellationToken).ConfigureAwait(false);
            lastAppend.Worked();
            clients.Reminder.Answered();
            append.Done();
            return positions;
        }
        catch (KafkaException exception)
        {
            ReactTo(exception.Error, events, producer);
            if (KafkaRefusals.Find(exception) is { } refused) throw refused;
            if (!cancellationToken.IsCancellationRequested) lastAppend.Failed(exception.Error.Code);
            if (exception.Error.IsLocalError) clients.Reminder.Unanswered();
            throw;
        }
        finally
        {
            clients.End(pending);
        }
    }

    public Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                while (!cancellationToken.IsCancellationRequested) Consume(group, process, cancellationToken);
                left.SetResult();
            }
#pragma warning disable CA1031 // The caller gets it by the task.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                left.SetException(exception);
            }
        })
        {
            IsBackground = true,
            Name = $"{group.Group} {group.Topic}",
        }.Start();
        return left.Task;
    }

    // One membership, from joining to leaving. Where it ends before it is cancelled, another one follows.
    private void Consume(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken)
    {
        try
        {
            var topic = topics.DescribeAsync(group.Topic, cancellationToken).AsTask().GetAwaiter().GetResult();
            using var member = new KafkaMember(group, process, topic, clients, topics, _options, time, logger);
            member.Run(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (KafkaException exception)
        {
            LogMembershipEnded(group.Group, group.Topic, exception.Error.Code, exception.Error.Reason, _options.RetryPause);
            cancellationToken.WaitHandle.WaitOne(_options.RetryPause);
        }
#pragma warning disable CA1031 // Whatever it is, a group that nobody is in helps nobody.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            LogMembershipFailed(group.Group, group.Topic, exception, _options.RetryPause);
            cancellationToken.WaitHandle.WaitOne(_options.RetryPause);
        }
    }

    // Null once librdkafka has the event; what it needs of it, it has copied.
    private async ValueTask<Error?> ProduceAsync(
        SharedProducer producer,
        NewEvent added,
        int index,
        PendingAppend pending,
        long started,
        CancellationToken cancellationToken)
    {
        var message = new Message<string, byte[]> { Key = added.Key, Value = ToArray(added.Value), Headers = ToHeaders(added.Headers) };
        while (true)
        {
            try
            {
                producer.Produce(added.Topic, message, report => pending.Report(index, report));
                return null;
            }
            catch (ProduceException<string, byte[]> exception)
            {
                if (exception.Error.Code != ErrorCode.Local_QueueFull) return exception.Error;
                if (time.GetElapsedTime(started) > _options.DeliveryTimeout) return exception.Error;
            }
            catch (ObjectDisposedException)
            {
                // Replaced meanwhile.
                return new Error(ErrorCode.Local_Destroy, "The producer was closed");
            }
            try
            {
                await Task.Delay(FullQueuePause, time, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return new Error(ErrorCode.Local_QueueFull);
            }
        }
    }

    private void ReactTo(Error error, IReadOnlyList<NewEvent> events, SharedProducer producer)
    {
        if (error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition)
        {
            foreach (var added in events) topics.Forget(added.Topic);
        }
        if (error.IsFatal || error.Code == ErrorCode.Local_Fatal) clients.Replace(producer, error);
    }

    private static byte[] ToArray(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out var segment)
        && segment.Array is { } array && segment.Offset == 0 && segment.Count == array.Length
            ? array
            : value.ToArray();

    private static Headers? ToHeaders(IReadOnlyList<EventHeader>? headers)
    {
        if (headers is null or []) return null;
        var copies = new Headers();
        foreach (var header in headers) copies.Add(header.Name, Encoding.UTF8.GetBytes(header.Value));
        return copies;
    }

    [LoggerMessage(
        EventId = LogEvents.MembershipEnded,
        Level = LogLevel.Error,
        Message = "Group {Group}, topic {Topic}: could not join, or was thrown out ({Code}: {Reason}); rejoining in {Pause}")]
    private partial void LogMembershipEnded(string group, string topic, ErrorCode code, string reason, TimeSpan pause);

    [LoggerMessage(
        EventId = LogEvents.MembershipFailed,
        Level = LogLevel.Error,
        Message = "Group {Group}, topic {Topic}: the membership failed; rejoining in {Pause}")]
    private partial void LogMembershipFailed(string group, string topic, Exception exception, TimeSpan pause);
}
