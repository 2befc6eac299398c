using Chat.Core.Channels;
using Chat.Core.Log;
using Microsoft.Extensions.Options;

namespace Chat.Connectors.Webhooks;

/// <summary>
/// Reads what providers posted, for each channel that this process connects, and commits what was handled. What is refused holds up
/// nothing: see <see cref="RefusedEvents"/>.
/// </summary>
internal sealed class WebhookConsumer(
    IEventLog log, WebhookProcessor processor, RefusedEvents refused, IOptions<ConnectorsOptions> options) : BackgroundService
{
    // One may hold a thousand updates.
    private const int BatchSize = 20;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(options.Value.ChannelsToRun.Select(channel => ConsumeAsync(channel, stoppingToken)));

    private Task ConsumeAsync(Channel channel, CancellationToken stoppingToken)
    {
        var group = ConsumerGroup.OfWebhooks(channel.Name);
        return log.ConsumeAsync(group, ProcessPartitionAsync, stoppingToken);

        async Task ProcessPartitionAsync(IPartitionConsumer partition, CancellationToken revoked)
        {
            while (true)
            {
                var events = await partition.ReadAsync(BatchSize, revoked);
                await refused.ProcessAsync(
                    partition.Partition,
                    events,
                    (part, ct) => processor.ProcessAsync(group, channel.Name, partition.Partition, part, ct),
                    revoked);
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
            }
        }
    }
}
