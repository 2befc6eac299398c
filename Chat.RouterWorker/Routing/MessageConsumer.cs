using Chat.Core.Log;
using Microsoft.Extensions.Options;

namespace Chat.RouterWorker.Routing;

/// <summary>
/// Reads batches of each partition of <c>messages</c> that falls to this worker, and commits what was routed. What is refused holds
/// up nothing: see <see cref="RefusedEvents"/>.
/// </summary>
public sealed class MessageConsumer(
    IEventLog log, RouteProcessor processor, RefusedEvents refused, IOptions<RouterWorkerOptions> options) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        log.ConsumeAsync(new(options.Value.Group, Topics.Messages), ProcessPartitionAsync, stoppingToken);

    private async Task ProcessPartitionAsync(IPartitionConsumer partition, CancellationToken revoked)
    {
        while (true)
        {
            var events = await partition.ReadAsync(options.Value.BatchSize, revoked);
            await refused.ProcessAsync(
                partition.Partition, events, (part, ct) => processor.ProcessAsync(partition.Partition, part, ct), revoked);
            await partition.CommitAsync(events[^1].Offset + 1, revoked);
        }
    }
}
