using Chat.Core.Conversations;
using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;
using Chat.Core.Text;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// Takes a batch of <c>msg.status</c> through its phases: persist, publish, and only then may the caller commit. Each step is
/// tried until the engine takes it; all of them may be repeated, so a crash between any two repeats work and loses none. Throws
/// where an engine refuses something of the batch.
/// </summary>
public sealed partial class StatusProcessor(
    IEventLog log,
    StatusStores stores,
    StatusPublisher publisher,
    ReleasedStatuses released,
    RetryForever retry,
    StatusMetrics metrics,
    TimeProvider time,
    IOptions<StatusWorkerOptions> options,
    ILogger<StatusProcessor> logger)
{
    private static readonly TimeSpan PauseBeforeReappending = TimeSpan.FromSeconds(1);

    private readonly OwnerCache _owners = new(stores.Conversations);

    /// <summary>
    /// Does all there is to do with events that lie next to each other, where the topic is still what <paramref name="owned"/> says.
    /// </summary>
    public async Task<BatchOutcome> ProcessAsync(OwnedPartition owned, IReadOnlyList<LogEvent> events, CancellationToken cancellationToken)
    {
        var (partition, topic, sequencer) = (owned.Partition, owned.Topic, owned.Sequencer);
        var incoming = IncomingStatuses.Read(partition, topic, events);
        using var spans = StartSpans(partition, incoming.Statuses);
        var unresolved = incoming.Unresolved.ToList();
        var places = unresolved.Count == 0
            ? []
            : await StepAsync("look up", partition, ct => stores.Lookup.FindAsync(unresolved, ct), cancellationToken);
        var found = new Dictionary<StatusEvent, MessageKey?>();
        for (var i = 0; i < unresolved.Count; i++) found[unresolved[i]] = places[i];
        var resolved = incoming.Resolve(status => found.GetValueOrDefault(status));
        if (resolved.MisroutedAgain > 0)
        {
            // We see fewer partitions than who appended, or more.
            var now = await TopicStepAsync("describe", partition, ct => log.DescribeAsync(Topics.Status, ct), cancellationToken);
            if (now.Identity != topic.Description.Identity) return BatchOutcome.TopicChanged;
            LogMisrouted(resolved.MisroutedAgain, partition, topic.Description.Partitions);
            await Task.Delay(PauseBeforeReappending, time, cancellationToken);
        }
        var (owners, known) = await ReadAsync(owned, resolved, cancellationToken);
        var admitted = resolved.Admit(owners, known);
        var applied = admitted.Apply(known, sequencer, owned.Heads);
        await KeepAsync(partition, applied, cancellationToken);
        if (admitted.Records.Count > 0)
        {
            await StepAsync(
                "record", partition, ct => stores.Statuses.RecordStatusesAsync(admitted.Records, applied.Changes, ct), cancellationToken);
        }
        owned.Messages.Update(applied.States);
        await publisher.PublishAsync(partition, applied.Frames, sequencer, cancellationToken);
        if (applied.Appends.Count > 0)
            await StepAsync("append events of", partition, ct => log.AppendAsync(applied.Appends, ct), cancellationToken);
        metrics.Processed(applied);
        LogBatch(incoming.Statuses, applied.Changes.Count);
        return applied.Rekeyed + applied.Again.Count > 0 ? BatchOutcome.PutBack : BatchOutcome.Done;
    }

    private ProcessSpans StartSpans(TopicPartition partition, IReadOnlyList<IncomingStatus> statuses)
    {
        var spans = new ProcessSpans(
            new(log.MessagingSystem, partition.Topic, options.Value.Group, partition.Partition), [.. statuses.Select(s => s.TraceParent)]);
        var now = time.GetUtcNow();
        foreach (var one in statuses)
        {
            var (source, status) = (one.Event, one.Status);
            one.TraceParent = spans.Continue(new(
                one.TraceParent,
                source.Offset,
                source.Key,
                status.ConversationId,
                status.MessageId,
                StatusNames.Format(status.Status),
                now - source.AppendedAt));
        }
        spans.Enter();
        return spans;
    }

    /// <summary>The owners of the batch's conversations, and beside that the state of each of its messages.</summary>
    private async Task<(IReadOnlyDictionary<Guid, ConversationOwner> Owners, IReadOnlyList<MessageState> States)> ReadAsync(
        OwnedPartition owned, ResolvedStatuses resolved, CancellationToken cancellationToken)
    {
        var owners = StepAsync(
            "read owners of", owned.Partition, ct => _owners.FindAsync(resolved.Conversations, ct), cancellationToken);
        var states = FindStatesAsync(owned, resolved, cancellationToken);
        // Both, however they end: nothing of a batch is under way any more when it is tried again, or its half is.
        await states.WaitQuietlyAsync();
        return (await owners, await states);
    }

    /// <summary>How far conversations are numbered that this worker has seen nothing of.</summary>
    private async Task ReadHeadsAsync(OwnedPartition owned, ResolvedStatuses resolved, CancellationToken cancellationToken)
    {
        var unknown = owned.Heads.Unknown(resolved.Conversations);
        if (unknown.Count == 0) return;
        var heads = await StepAsync(
            "read the heads of", owned.Partition, ct => stores.Changes.GetHeadsAsync(unknown, ct), cancellationToken);
        owned.Heads.Read(unknown, heads);
    }

    /// <summary>Of each of the batch's messages, read from the store only where this worker does not know it.</summary>
    private async Task<IReadOnlyList<MessageState>> FindStatesAsync(
        OwnedPartition owned, ResolvedStatuses resolved, CancellationToken cancellationToken)
    {
        // Before the states: what made a head is in them then.
        await ReadHeadsAsync(owned, resolved, cancellationToken);
        var states = new List<MessageState>(resolved.Keys.Count);
        List<MessageKey>? unknown = null;
        foreach (var key in resolved.Keys)
        {
            if (!resolved.Announced.Contains(key) && owned.Messages.Find(key) is { } state) states.Add(state);
            else (unknown ??= []).Add(key);
        }
        if (unknown is null) return states;
        var read = await StepAsync(
            "read messages of", owned.Partition, ct => stores.Messages.GetStatesAsync(unknown, ct), cancellationToken);
        owned.Messages.Read(read);
        states.AddRange(read);
        return states;
    }

    /// <summary>
    /// Does what would be owed to clients for ever where this worker died after it recorded the batch, and with it raised the heads of its
    /// conversations: they may have passed the number of a status that was not parked, and what is recorded is no longer seen to be new.
    /// </summary>
    private async Task KeepAsync(TopicPartition partition, AppliedStatuses applied, CancellationToken cancellationToken)
    {
        if (applied.Parked.Count > 0) await StepAsync("park", partition, ct => ParkAsync(applied.Parked, ct), cancellationToken);
        if (applied.Again.Count == 0) return;
        LogToldAgain(applied.Again.Count, partition);
        // One that is refused is recorded all the same: who has passed its number learns of it with the next page.
        await Bisection.RunAsync(
            applied.Again,
            part => StepAsync("append once more events of", partition, ct => log.AppendAsync(part, ct), cancellationToken),
            (_, refusal) => LogNotToldAgain(partition, refusal.Message));
    }

    /// <summary>
    /// Parks statuses, and then looks for their messages again: the router writes a message first and looks for parked statuses
    /// then, so that one of the two sides sees the other.
    /// </summary>
    private async ValueTask ParkAsync(IReadOnlyList<ParkedStatus> parked, CancellationToken cancellationToken)
    {
        await stores.Parked.ParkAsync(parked, cancellationToken);
        var keys = await stores.Lookup.FindAsync(
            [.. parked.Select(p => StatusEventJson.TryRead(p.Value.Span, out _)!)], cancellationToken);
        List<ReleasedStatus>? joins = null;
        for (var i = 0; i < parked.Count; i++)
        {
            if (keys[i] is { } key) (joins ??= []).Add(new(parked[i], ParkedStatuses.Release(parked[i], key)));
        }
        if (joins is null) return;
        await released.AppendAsync(joins, cancellationToken);
        await stores.Parked.UnparkAsync([.. joins.Select(j => j.Parked)], cancellationToken);
    }

    private void LogBatch(IReadOnlyList<IncomingStatus> statuses, int changes)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        if (statuses.Count > options.Value.LogEachUpTo)
        {
            LogReceivedMany(statuses.Count, changes);
            return;
        }
        // People look for what providers reported.
        foreach (var incoming in statuses.Where(s => !s.Status.IsAnnouncement))
        {
            var kind = StatusNames.Format(incoming.Status.Status);
            var messageId = incoming.Status.MessageId?.ToString() ?? Printable.Line(incoming.Status.ProviderMessageId);
            using (logger.BeginScope(ScopeOf(incoming.Status)))
                LogReceived(kind, messageId, incoming.Status.ConversationId, incoming.Seq);
        }
    }

    private static MessageScope ScopeOf(StatusEvent status) => new(status.MessageId, status.ConversationId, status.OrganizationId);

    private Task<T> StepAsync<T>(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition, action, cancellationToken);

    /// <summary>A step that asks nothing of an event.</summary>
    private Task<T> TopicStepAsync<T>(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        StepAsync(step, partition, ct => RefusalIsFailure.GuardAsync(action, ct), cancellationToken);

    private Task StepAsync(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition, action, cancellationToken);

    // The seed tells its users to grep for "Status recebido", so these two lines stay in Portuguese.
    [LoggerMessage(
        EventId = LogEvents.StatusReceived,
        Level = LogLevel.Information,
        Message = "Status recebido: {Status} {MessageId} conversa {ConversationId} seq {Seq}")]
    private partial void LogReceived(string status, string messageId, Guid? conversationId, long seq);

    [LoggerMessage(
        EventId = LogEvents.StatusesReceived,
        Level = LogLevel.Information,
        Message = "Status recebido: {Count} eventos, {Changes} mudanças")]
    private partial void LogReceivedMany(int count, int changes);

    [LoggerMessage(
        EventId = LogEvents.EventsMisrouted,
        Level = LogLevel.Warning,
        Message = "Re-appending {Count} misrouted events of {Partition}: this worker sees {Partitions} partitions")]
    private partial void LogMisrouted(int count, TopicPartition partition, int partitions);

    [LoggerMessage(
        EventId = LogEvents.EventsToldAgain,
        Level = LogLevel.Information,
        Message = "Appending {Count} events of {Partition} once more: they are recorded only now, and clients may have passed their "
            + "numbers")]
    private partial void LogToldAgain(int count, TopicPartition partition);

    [LoggerMessage(
        EventId = LogEvents.EventNotToldAgain,
        Level = LogLevel.Warning,
        Message = "An event of {Partition} that is recorded only now was refused when it was appended once more: {Reason}")]
    private partial void LogNotToldAgain(TopicPartition partition, string reason);
}
