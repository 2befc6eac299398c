using System.Diagnostics.Metrics;
using Chat.Core.Conversations;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Telemetry;
using Chat.Core.Time;

namespace Chat.RouterWorker.Batches;

/// <summary>
/// Carries out a <see cref="RouteBatch"/>: the message into the store, then statuses that waited for it and the message itself
/// into the log; only then may the caller commit. Every step may be repeated.
/// </summary>
public sealed partial class RouteProcessor(
    IEventLog log,
    IConversationStore conversations,
    IMessageStore messages,
    IParkedStore parkedStatuses,
    RetryForever retry,
    ILogger<RouteProcessor> logger)
{
    private static readonly Counter<long> RoutedMessages = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.messages.routed", "{message}", "Messages handed on to a channel");

    private readonly OwnerCache _owners = new(conversations);

    public async Task ProcessAsync(TopicPartition partition, IReadOnlyList<LogEvent> events, CancellationToken cancellationToken)
    {
        var batch = new RouteBatch(partition, events);
        using var spans = new ProcessSpans(Topics.Messages);
        foreach (var routed in batch.Routed)
            routed.TraceParent = spans.Continue(routed.TraceParent, routed.Message.ConversationId, routed.Message.MessageId);

        batch.Admit(await StepAsync("claim conversations of", partition, ct => ClaimAsync(batch.Claims, ct), cancellationToken));
        var parked = await StepAsync(
            "store",
            partition,
            async ct =>
            {
                if (batch.Messages.Count == 0) return [];
                await messages.AddMessagesAsync(batch.Messages, ct);
                return await parkedStatuses.ListParkedAsync(batch.Subjects, ct);
            },
            cancellationToken);
        batch.Join(parked);
        await StepAsync(
            "hand on",
            partition,
            async ct =>
            {
                if (batch.Appends.Count > 0) await log.AppendAsync(batch.Appends, ct);
                if (batch.Joined.Count > 0) await parkedStatuses.UnparkAsync(batch.Joined, ct);
                return true;
            },
            cancellationToken);
        RoutedMessages.Add(batch.Messages.Count);
        DeadLetters.Count(partition.Topic, batch.DeadLetters);
        LogRouted(batch.Messages.Count, partition, batch.Joined.Count, batch.DeadLetters);
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

    private Task<T> StepAsync<T>(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition, action, cancellationToken);

    [LoggerMessage(1, LogLevel.Information, "Routed {Count} messages of {Partition}, {Joined} early statuses joined, {DeadLetters} dead letters")]
    private partial void LogRouted(int count, TopicPartition partition, int joined, int deadLetters);
}
