using Chat.Core.Conversations;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Telemetry;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.RouterWorker.Routing;

/// <summary>
/// Takes a batch of <c>messages</c> through its phases: the messages into the store, then into the log, and beside that a look for
/// statuses that wait for them, which follow; only then may the caller commit. Every step may be repeated. Throws where an engine
/// refuses something of the batch.
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
        var routed = admitted.Route();
        if (routed.Count > 0)
        {
            await StepAsync(
                "store the messages of", partition, ct => messages.AddMessagesAsync(admitted.Messages, ct), cancellationToken);
        }
        var joins = await AppendAsync(partition, admitted, routed, isAlone: events.Count == 1, cancellationToken);

        metrics.Routed(routed);
        LogRouted(routed.Count, partition, joins.Count, routed.DeadLetters.Count);
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
    /// Appends what became of the batch, and beside that looks for the statuses that wait for its messages, which are stored by now: the
    /// status worker parks first and looks for the message then, so that one of the two sides sees the other. What waited is appended
    /// behind that, by itself, so that a status which is refused does not put aside the message that it is of.
    /// </summary>
    private async Task<IReadOnlyList<ReleasedStatus>> AppendAsync(
        TopicPartition partition, AdmittedMessages admitted, RoutedMessages routed, bool isAlone, CancellationToken cancellationToken)
    {
        var appending = StepAsync(
            "append the messages of", partition, ct => log.AppendAsync(routed.Appends, ct), cancellationToken);
        var looking = StepAsync(
            "look for what waits for the messages of", partition, ct => ListParkedAsync(admitted.Subjects, ct), cancellationToken);
        // Both, however they end: nothing of a batch is under way any more when it is tried again, or its half is.
        await appending.WaitQuietlyAsync();
        await looking.WaitQuietlyAsync();
        // Which of several is refused is found by halving them, and each half brings back what waits for it. One that is refused alone is
        // not tried again, but it is in the store: what waits for it would be left to the sweeper.
        if (!isAlone) await appending;
        var joins = admitted.Join(await looking);
        if (joins.Count > 0) await BringBackAsync(partition, joins, cancellationToken);
        await appending;
        return joins;
    }

    private ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(
        IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) =>
        subjects.Count > 0 ? parkedStatuses.ListParkedAsync(subjects, cancellationToken) : new([]);

    private async Task BringBackAsync(
        TopicPartition partition, IReadOnlyList<ReleasedStatus> joins, CancellationToken cancellationToken)
    {
        await StepAsync(
            "bring back what waited for the messages of",
            partition,
            async ct => await released.AppendAsync(joins, ct),
            cancellationToken);
        await StepAsync(
            "unpark what waited for the messages of",
            partition,
            ct => parkedStatuses.UnparkAsync([.. joins.Select(j => j.Parked)], ct),
            cancellationToken);
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
