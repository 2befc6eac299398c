using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Core.Time;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// Works through a partition of <c>msg.status</c> from being assigned to being revoked. What was processed is committed some moments
/// later, several batches at once: before each commit the worker asks whether its epoch is still the latest, and numbers all of them
/// again, in their order, where it is not.
/// </summary>
internal sealed partial class PartitionWork(
    IPartitionConsumer partition,
    StatusEpochs epochs,
    StatusProcessor processor,
    RefusedEvents refused,
    RetryForever retry,
    OwnedPartitions partitions,
    StatusMetrics metrics,
    TimeProvider time,
    int batchSize,
    ILogger logger)
{
    /// <summary>
    /// After how long what was processed is committed, between two batches: a crash repeats that much more, and each commit costs a request
    /// to the store.
    /// </summary>
    public static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(200);

    private readonly List<LogEvent> _uncommitted = [];
    private Task _due = Task.CompletedTask;
    private bool _hasPutBack;

    /// <summary>
    /// Whether there is no waiting for the commit. What went back into the log gets its number there: numbered here too, in a later epoch,
    /// it could get one below those that clients have seen meanwhile.
    /// </summary>
    private bool MayNotWait => _uncommitted.Count >= batchSize || _hasPutBack;

    public async Task RunAsync(CancellationToken revoked)
    {
        // Asked again at each assignment: the partition count may have changed, and offsets mean something else then.
        var owned = await ClaimAsync(revoked);
        partitions.Add(partition.Partition.Partition);
        try
        {
            await RunAsync(owned, revoked);
        }
        finally
        {
            partitions.Remove(partition.Partition.Partition);
        }
    }

    private async Task RunAsync(OwnedPartition owned, CancellationToken revoked)
    {
        while (true)
        {
            var reading = partition.ReadAsync(batchSize, revoked).AsTask();
            if (_uncommitted.Count > 0 && !MayNotWait && !reading.IsCompleted)
                await Task.WhenAny(reading.WaitQuietlyAsync(), _due.WaitQuietlyAsync());
            if (_uncommitted.Count > 0 && (_due.IsCompleted || MayNotWait)) owned = await CommitAsync(owned, revoked);
            var events = await reading;
            if (_uncommitted.Count == 0) _due = Task.Delay(CommitInterval, time, revoked);
            _uncommitted.AddRange(events);
            if (!await TryProcessAsync(owned, events, revoked)) owned = await NumberAgainAsync(revoked);
        }
    }

    private async Task<OwnedPartition> CommitAsync(OwnedPartition owned, CancellationToken revoked)
    {
        while (!await StepAsync("check the epoch of", ct => epochs.IsLatestAsync(owned.Topic.Epoch, ct), revoked))
        {
            metrics.Superseded();
            LogSuperseded(partition.Partition, owned.Topic.Epoch);
            owned = await NumberAgainAsync(revoked);
        }
        await partition.CommitAsync(_uncommitted[^1].Offset + 1, revoked);
        _uncommitted.Clear();
        _hasPutBack = false;
        return owned;
    }

    /// <summary>
    /// Processes all that is not committed in the latest epoch, from the first on: no client may see a number of it before that of an
    /// event that comes earlier.
    /// </summary>
    private async Task<OwnedPartition> NumberAgainAsync(CancellationToken revoked)
    {
        while (true)
        {
            var owned = await ClaimAsync(revoked);
            if (await TryProcessAllAsync(owned, revoked)) return owned;
        }
    }

    private async Task<bool> TryProcessAllAsync(OwnedPartition owned, CancellationToken revoked)
    {
        foreach (var batch in _uncommitted.Chunk(batchSize))
        {
            if (!await TryProcessAsync(owned, batch, revoked)) return false;
        }
        return true;
    }

    /// <summary>False where the topic is no longer what <paramref name="owned"/> says.</summary>
    private async Task<bool> TryProcessAsync(OwnedPartition owned, IReadOnlyList<LogEvent> events, CancellationToken revoked)
    {
        var isSame = true;
        await refused.ProcessAsync(
            partition.Partition,
            events,
            async (part, ct) =>
            {
                // All of it comes again.
                if (!isSame) return;
                var outcome = await processor.ProcessAsync(owned, part, ct);
                isSame = outcome != BatchOutcome.TopicChanged;
                _hasPutBack |= outcome == BatchOutcome.PutBack;
            },
            revoked);
        return isSame;
    }

    private async Task<OwnedPartition> ClaimAsync(CancellationToken revoked)
    {
        var topic = await StepAsync("claim the epoch of", epochs.ClaimAsync, revoked);
        LogAssigned(partition.Partition, topic.Epoch);
        return new(partition.Partition, topic, time);
    }

    /// <summary>A step that asks nothing of an event.</summary>
    private Task<T> StepAsync<T>(string step, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, partition.Partition, ct => RefusalIsFailure.GuardAsync(action, ct), cancellationToken);

    [LoggerMessage(
        EventId = LogEvents.PartitionAssigned, Level = LogLevel.Information, Message = "Processing {Partition} in epoch {Epoch}")]
    private partial void LogAssigned(TopicPartition partition, int epoch);

    [LoggerMessage(
        EventId = LogEvents.EpochSuperseded,
        Level = LogLevel.Information,
        Message = "Epoch {Epoch} of {Partition} was superseded: processing again in the latest epoch what is not committed")]
    private partial void LogSuperseded(TopicPartition partition, int epoch);
}
