using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.RouterWorker.Routing;

/// <summary>
/// Reads batches of each partition of <c>messages</c> that falls to this worker, and commits what was routed. What is refused holds
/// up nothing: see <see cref="RefusedEvents"/>.
/// </summary>
public sealed class MessageConsumer(
    IEventLog log,
    MessageEpochs epochs,
    RouteProcessor processor,
    RefusedEvents refused,
    RetryForever retry,
    IOptions<RouterWorkerOptions> options,
    ILogger<MessageConsumer> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        log.ConsumeAsync(new(options.Value.Group, Topics.Messages), ProcessPartitionAsync, stoppingToken);

    private async Task ProcessPartitionAsync(IPartitionConsumer partition, CancellationToken revoked)
    {
        var topic = await ClaimAsync(partition.Partition, revoked);
        while (true)
        {
            var events = await partition.ReadAsync(options.Value.BatchSize, revoked);
            // Who appended them saw the topic differently: perhaps it has more partitions since it was described here.
            if (events.Any(e => e.Key is { } key && !topic.IsHome(key, partition.Partition.Partition)))
                topic = await ClaimAsync(partition.Partition, revoked);
            await refused.ProcessAsync(
                partition.Partition, events, (part, ct) => processor.ProcessAsync(partition.Partition, topic, part, ct), revoked);
            await partition.CommitAsync(events[^1].Offset + 1, revoked);
        }
    }

    private Task<NumberedTopic> ClaimAsync(TopicPartition partition, CancellationToken revoked) => retry.RunAsync(
        logger, "claim the epoch of", partition, ct => RefusalIsFailure.GuardAsync(epochs.ClaimAsync, ct), revoked);
}
