using Chat.Core.Log;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// Reads batches of each partition of <c>msg.status</c> that falls to this worker, and commits what was processed. What is refused
/// holds up nothing: see <see cref="RefusedEvents"/>.
/// </summary>
public sealed class StatusConsumer(
    IEventLog log,
    StatusEpochs epochs,
    StatusProcessor processor,
    RefusedEvents refused,
    RetryForever retry,
    OwnedPartitions owned,
    StatusMetrics metrics,
    TimeProvider time,
    IOptions<StatusWorkerOptions> options,
    ILogger<StatusConsumer> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        log.ConsumeAsync(new(options.Value.Group, Topics.Status), ProcessPartitionAsync, stoppingToken);

    private Task ProcessPartitionAsync(IPartitionConsumer partition, CancellationToken revoked) =>
        new PartitionWork(partition, epochs, processor, refused, retry, owned, metrics, time, options.Value.BatchSize, logger)
            .RunAsync(revoked);
}
