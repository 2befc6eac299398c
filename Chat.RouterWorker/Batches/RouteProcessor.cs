using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Chat.Core.Log;
using Chat.Core.Store;
using Chat.Core.Telemetry;
using Chat.Core.Time;

namespace Chat.RouterWorker.Batches;

/// <summary>
/// Carries out a <see cref="RouteBatch"/>: the message into the store, then statuses that waited for it and the message itself
/// into the log; only then may the caller commit. Every step may be repeated.
/// </summary>
public sealed partial class RouteProcessor(IEventLog log, IMessageStore store, RetryForever retry, ILogger<RouteProcessor> logger)
{
    private const int MaxCachedOwners = 200_000;

    private static readonly Counter<long> RoutedMessages = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.messages.routed", "{message}", "Messages handed on to a channel");

    private static readonly Counter<long> DeadLetters = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.dead_letters", "{event}", "Events put aside, by topic");

    private readonly ConcurrentDictionary<Guid, ConversationOwner> _owners = new();

    public async Task ProcessAsync(TopicPartition partition, IReadOnlyList<LogEvent> events, CancellationToken cancellationToken)
    {
        var batch = new RouteBatch(partition, events);
        var spans = StartSpans(batch.Routed);
        try
        {
            batch.Admit(await StepAsync("claim conversations of", partition, ct => ClaimAsync(batch.Claims, ct), cancellationToken));
            var parked = await StepAsync(
                "store",
                partition,
                async ct =>
                {
                    if (batch.Messages.Count == 0) return [];
                    await store.AddMessagesAsync(batch.Messages, ct);
                    return await store.ListParkedAsync(batch.Subjects, ct);
                },
                cancellationToken);
            batch.Join(parked);
            await StepAsync(
                "hand on",
                partition,
                async ct =>
                {
                    if (batch.Appends.Count > 0) await log.AppendAsync(batch.Appends, ct);
                    if (batch.Joined.Count > 0) await store.UnparkAsync(batch.Joined, ct);
                    return true;
                },
                cancellationToken);
            RoutedMessages.Add(batch.Messages.Count);
            if (batch.DeadLetters > 0)
                DeadLetters.Add(batch.DeadLetters, new KeyValuePair<string, object?>("messaging.destination.name", partition.Topic));
            LogRouted(batch.Messages.Count, partition, batch.Joined.Count, batch.DeadLetters);
        }
        finally
        {
            foreach (var span in spans) span.Dispose();
        }
    }

    private async ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> ClaimAsync(
        IEnumerable<ConversationOwner> claims, CancellationToken cancellationToken)
    {
        var wanted = claims.ToList();
        var owners = new Dictionary<Guid, ConversationOwner>(wanted.Count);
        foreach (var claim in wanted)
        {
            if (_owners.TryGetValue(claim.ConversationId, out var known)) owners[claim.ConversationId] = known;
        }
        var unknown = wanted.Where(c => !owners.ContainsKey(c.ConversationId)).ToList();
        if (unknown.Count == 0) return owners;
        if (_owners.Count >= MaxCachedOwners) _owners.Clear();
        foreach (var (id, owner) in await store.FindOwnersAsync([.. unknown.Select(c => c.ConversationId)], cancellationToken))
            owners[id] = _owners[id] = owner;
        foreach (var claim in unknown.Where(c => !owners.ContainsKey(c.ConversationId)))
            owners[claim.ConversationId] = _owners[claim.ConversationId] = await store.ClaimConversationAsync(claim, cancellationToken);
        return owners;
    }

    private static List<Activity> StartSpans(IReadOnlyList<Routed> messages)
    {
        var spans = new List<Activity>();
        if (!ChatTelemetry.Activities.HasListeners()) return spans;
        var ambient = Activity.Current;
        foreach (var routed in messages)
        {
            // Beside each other, not inside each other.
            Activity.Current = null;
            if (ChatTelemetry.Continue($"process {Topics.Messages}", ActivityKind.Consumer, routed.TraceParent) is not { } span) continue;
            span.SetTag("messaging.operation.name", "process")
                .SetTag("messaging.operation.type", "process")
                .SetTag("messaging.destination.name", Topics.Messages)
                .SetTag("messaging.message.conversation_id", routed.Message.ConversationId.ToString())
                .SetTag("chat.message.id", routed.Message.MessageId.ToString());
            routed.TraceParent = span.Id;
            spans.Add(span);
        }
        Activity.Current = ambient;
        return spans;
    }

    private Task<T> StepAsync<T>(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        retry.RunAsync(action, (exception, pause) => LogRetry(exception, step, partition, pause.TotalMilliseconds), cancellationToken);

    [LoggerMessage(1, LogLevel.Information, "Routed {Count} messages of {Partition}, {Joined} early statuses joined, {DeadLetters} dead letters")]
    private partial void LogRouted(int count, TopicPartition partition, int joined, int deadLetters);

    [LoggerMessage(2, LogLevel.Warning, "Could not {Step} {Partition}; next try in {Pause} ms")]
    private partial void LogRetry(Exception exception, string step, TopicPartition partition, double pause);
}
