using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// Reads batches of each partition of <c>msg.status</c> that falls to this worker, and commits what was processed. What is refused
/// holds up nothing: see <see cref="RefusedEvents"/>.
/// </summary>
public sealed partial class StatusConsumer(
    IEventLog log,
    StatusEpochs epochs,
    StatusProcessor processor,
    RefusedEvents refused,
    RetryForever retry,
    OwnedPartitions owned,
    TimeProvider time,
    IOptions<StatusWorkerOptions> options,
    ILogger<StatusConsumer> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        log.ConsumeAsync(new(options.Value.Group, Topics.Status), ProcessPartitionAsync, stoppingToken);

    private async Task ProcessPartitionAsync(IPartitionConsumer partition, CancellationToken revoked)
    {
        // Asked again at each assignment: the partition count may have changed, and offsets mean something else then.
        var current = await ClaimAsync(partition, revoked);
        owned.Add(partition.Partition.Partition);
        try
        {
            while (true)
            {
                var events = await partition.ReadAsync(options.Value.BatchSize, revoked);
                await refused.ProcessAsync(partition.Partition, events, ProcessAsync, revoked);
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
            }
        }
        finally
        {
            owned.Remove(partition.Partition.Partition);
        }

        // Of a batch in parts, those before the epoch changed are done, as batches before it are.
        async Task ProcessAsync(IReadOnlyList<LogEvent> events, CancellationToken cancellationToken)
        {
            while (!await processor.ProcessAsync(current, events, cancellationToken))
                current = await ClaimAsync(partition, cancellationToken);
        }
    }

    private async Task<OwnedPartition> ClaimAsync(IPartitionConsumer partition, CancellationToken revoked)
    {
        var topic = await retry.RunAsync(
            logger,
            "claim the epoch of",
            partition.Partition,
            ct => RefusalIsFailure.GuardAsync(epochs.ClaimAsync, ct),
            revoked);
        LogAssigned(partition.Partition, topic.Epoch);
        return new(partition.Partition, topic, time);
    }

    [LoggerMessage(
        EventId = LogEvents.PartitionAssigned, Level = LogLevel.Information, Message = "Processing {Partition} in epoch {Epoch}")]
    private partial void LogAssigned(TopicPartition partition, int epoch);
}
