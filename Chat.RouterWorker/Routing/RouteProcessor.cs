using Chat.Core.Conversations;
using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Telemetry;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.RouterWorker.Routing;

/// <summary>
/// Takes a batch of <c>messages</c> through its phases: the messages into the store, then statuses that waited for them and the
/// messages themselves into the log; only then may the caller commit. Every step may be repeated. Throws where an engine refuses
/// something of the batch.
/// </summary>
public sealed partial class RouteProcessor(
    IEventLog log,
    IConversationStore conversations,
    IMessageStore messages,
    IParkedStore parkedStatuses,
    ReleasedStatuses released,
    RetryForever retry,
    RouterMetrics metrics,
    IOptions<RouterWorkerOptions> options,
    ILogger<RouteProcessor> logger)
{
    private readonly OwnerCache _owners = new(conversations);

    public async Task ProcessAsync(
        TopicPartition partition, NumberedTopic topic, IReadOnlyList<LogEvent> events, CancellationToken cancellationToken)
    {
        var incoming = IncomingMessages.Read(partition, topic, events);
        using var spans = StartSpans(partition, incoming.Messages);

        var owners = await StepAsync(
            "claim the conversations of", partition, ct => ClaimAsync(incoming.Claims, ct), cancellationToken);
        var admitted = incoming.Admit(owners);
        var parked = await StepAsync("store the messages of", partition, ct => StoreAsync(admitted, ct), cancellationToken);
        var routed = admitted.Join(parked);
        await StepAsync("append the messages of", partition, ct => AppendAsync(routed, ct), cancellationToken);

        metrics.Routed(routed);
        LogRouted(routed.Count, partition, routed.Joined.Count, routed.DeadLetters.Count);
    }

    private ProcessSpans StartSpans(TopicPartition partition, IReadOnlyList<IncomingMessage> messages)
    {
        var spans = new ProcessSpans(
            new(log.MessagingSystem, partition.Topic, options.Value.Group, partition.Partition), [.. messages.Select(m => m.TraceParent)]);
        foreach (var message in messages)
        {
            message.TraceParent = spans.Continue(new(
                message.TraceParent, message.Event.Offset, message.Event.Key, message.Message.ConversationId, message.Message.MessageId));
        }
        spans.Enter();
        return spans;
    }

    private async ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> ClaimAsync(
        IEnumerable<ConversationOwner> claims, CancellationToken cancellationToken)
    {
        var wanted = claims.ToList();
        var owners = await _owners.FindAsync([.. wanted.Select(c => c.ConversationId)], cancellationToken);
        foreach (var claim in wanted.Where(c => !owners.ContainsKey(c.ConversationId)))
            owners[claim.ConversationId] = await _owners.ClaimAsync(claim, cancellationToken);
        return owners;
    }

    /// <summary>
    /// Writes the messages, and then answers with the statuses that wait for them: the status worker parks first and looks for
    /// the message then, so that one of the two sides sees the other.
    /// </summary>
    private async ValueTask<IReadOnlyList<ParkedStatus>> StoreAsync(
        AdmittedMessages admitted, CancellationToken cancellationToken)
    {
        if (admitted.Messages.Count == 0) return [];
        await messages.AddMessagesAsync(admitted.Messages, cancellationToken);
        return await parkedStatuses.ListParkedAsync(admitted.Subjects, cancellationToken);
    }

    private async ValueTask AppendAsync(RoutedMessages routed, CancellationToken cancellationToken)
    {
        try
        {
            if (routed.Appends.Count > 0) await log.AppendAsync(routed.Appends, cancellationToken);
        }
        catch (EngineRefusedException) when (routed.Joined.Count > 0)
        {
            // A status that came early and is refused must not put aside the message that it is of.
            await released.AppendAsync(routed.Joins, cancellationToken);
            await log.AppendAsync(routed.OwnAppends, cancellationToken);
        }
        if (routed.Joined.Count > 0) await parkedStatuses.UnparkAsync(routed.Joined, cancellationToken);
    }

    private Task<T> StepAsync<T>(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition, action, cancellationToken);

    private Task StepAsync(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition, action, cancellationToken);

    [LoggerMessage(
        EventId = LogEvents.MessagesRouted,
        Level = LogLevel.Information,
        Message = "Routed {Count} messages of {Partition}, brought {Joined} early statuses back, added {DeadLetters} dead letters")]
    private partial void LogRouted(int count, TopicPartition partition, int joined, int deadLetters);
}
