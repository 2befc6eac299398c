using Chat.Core.Bus;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Batches;

/// <summary>
/// Carries out a <see cref="StatusBatch"/>: persist, publish, and only then may the caller commit. Each step is tried until the
/// engine takes it; all of them may be repeated, so a crash between any two repeats work and loses none.
/// </summary>
public sealed partial class StatusProcessor(
    IEventLog log,
    StatusStores stores,
    IStatusBus bus,
    StatusEpochs epochs,
    RetryForever retry,
    TimeProvider time,
    IOptions<StatusWorkerOptions> options,
    ILogger<StatusProcessor> logger)
{
    private static readonly TimeSpan ViewsDiffer = TimeSpan.FromSeconds(1);

    private readonly OwnerCache _owners = new(stores.Conversations);

    /// <summary>
    /// Answers whether all is done and may be committed. If not, the topic is no longer what <paramref name="topic"/> says: the same
    /// events are to be processed again by what it is now.
    /// </summary>
    public async Task<bool> ProcessAsync(
        TopicPartition partition,
        TopicDescription topic,
        int epoch,
        Sequencer sequencer,
        IReadOnlyList<LogEvent> events,
        CancellationToken cancellationToken)
    {
        var batch = new StatusBatch(partition, topic, epoch, events);
        using var spans = new ProcessSpans(Topics.Status);
        foreach (var incoming in batch.Incoming)
        {
            var status = incoming.Status;
            incoming.TraceParent = spans.Continue(
                incoming.TraceParent, status.ConversationId, status.MessageId, StatusNames.Format(status.Status));
        }

        var known = await StepAsync("look up", partition, ct => ResolveAsync(batch.Unresolved, ct), cancellationToken);
        batch.Resolve(status => known.GetValueOrDefault(status));
        if (batch.Displaced > 0)
        {
            // We see fewer partitions than who appended, or more.
            var now = await StepAsync("describe", partition, ct => log.DescribeAsync(Topics.Status, ct), cancellationToken);
            if (now.Identity != topic.Identity) return false;
            LogDisplaced(batch.Displaced, partition, topic.Partitions);
            await Task.Delay(ViewsDiffer, time, cancellationToken);
        }
        var owners = await StepAsync("read owners of", partition, ct => _owners.FindAsync(batch.Conversations, ct), cancellationToken);
        batch.Admit(owners);

        if (batch.Records.Count > 0)
        {
            var states = await StepAsync(
                "record",
                partition,
                async ct =>
                {
                    await stores.Statuses.RecordStatusesAsync(batch.Records, ct);
                    return await stores.Messages.GetStatesAsync(batch.Keys, ct);
                },
                cancellationToken);
            batch.Apply(states, sequencer);
        }
        if (batch.Parked.Count > 0) await StepAsync("park", partition, ct => ParkAsync(batch.Parked, ct), cancellationToken);
        if (batch.Changes.Count > 0)
            await StepAsync("write changes of", partition, ct => stores.Changes.AddChangesAsync(batch.Changes, ct), cancellationToken);
        if (batch.Frames.Count > 0)
        {
            var started = time.GetTimestamp();
            await StepAsync("publish", partition, ct => bus.PublishAsync(batch.Frames, ct), cancellationToken);
            StatusMetrics.Published(batch.Frames.Count, time.GetElapsedTime(started));
        }
        if (batch.Appends.Count > 0)
            await StepAsync("append for", partition, async ct => { await log.AppendAsync(batch.Appends, ct); }, cancellationToken);
        if (!await StepAsync("check the epoch of", partition, ct => epochs.IsLatestAsync(epoch, ct), cancellationToken))
        {
            LogSuperseded(partition, epoch);
            return false;
        }
        StatusMetrics.Processed(batch);
        LogBatch(batch);
        return true;
    }

    private async ValueTask<IReadOnlyDictionary<StatusEvent, MessageKey?>> ResolveAsync(
        IEnumerable<StatusEvent> statuses, CancellationToken cancellationToken)
    {
        var known = new Dictionary<StatusEvent, MessageKey?>();
        foreach (var status in statuses) known[status] = await stores.Lookup.FindAsync(status, cancellationToken);
        return known;
    }

    /// <summary>
    /// Keeps statuses that wait, and then looks again: whoever brings the message writes it first and looks for statuses then,
    /// so that one of the two sides sees the other.
    /// </summary>
    private async ValueTask ParkAsync(IReadOnlyList<ParkedStatus> parked, CancellationToken cancellationToken)
    {
        await stores.Parked.ParkAsync(parked, cancellationToken);
        List<NewEvent>? joins = null;
        List<ParkedStatus>? joined = null;
        foreach (var status in parked)
        {
            if (await FindSubjectAsync(status, cancellationToken) is not { } key) continue;
            (joins ??= []).Add(ParkedStatuses.Release(status, key));
            (joined ??= []).Add(status);
        }
        if (joins is null) return;
        await log.AppendAsync(joins, cancellationToken);
        await stores.Parked.UnparkAsync(joined!, cancellationToken);
    }

    private ValueTask<MessageKey?> FindSubjectAsync(ParkedStatus parked, CancellationToken cancellationToken) =>
        stores.Lookup.FindAsync(StatusEventJson.TryRead(parked.Value.Span, out _)!, cancellationToken);

    private void LogBatch(StatusBatch batch)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        if (batch.Incoming.Count > options.Value.LogEachUpTo)
        {
            LogReceivedMany(batch.Incoming.Count, batch.Changes.Count);
            return;
        }
        foreach (var incoming in batch.Incoming)
        {
            LogReceived(
                StatusNames.Format(incoming.Status.Status),
                incoming.Status.MessageId?.ToString() ?? incoming.Status.ProviderMessageId!,
                incoming.Status.ConversationId,
                incoming.Seq);
        }
    }

    private Task<T> StepAsync<T>(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition, action, cancellationToken);

    private Task StepAsync(
        string step, TopicPartition partition, Func<CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition, action, cancellationToken);

    [LoggerMessage(1, LogLevel.Information, "Status recebido: {Status} {MessageId} conversa {ConversationId} seq {Seq}")]
    private partial void LogReceived(string status, string messageId, Guid? conversationId, long seq);

    [LoggerMessage(2, LogLevel.Information, "Status recebido: {Count} eventos, {Changes} mudanças")]
    private partial void LogReceivedMany(int count, int changes);

    [LoggerMessage(4, LogLevel.Warning, "{Count} events lie in {Partition} once more, which is not theirs of {Partitions}: they go back")]
    private partial void LogDisplaced(int count, TopicPartition partition, int partitions);

    [LoggerMessage(5, LogLevel.Information, "{Partition}: epoch {Epoch} is no longer the latest; this batch is numbered anew")]
    private partial void LogSuperseded(TopicPartition partition, int epoch);
}
