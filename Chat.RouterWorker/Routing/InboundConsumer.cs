using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Telemetry;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.RouterWorker.Routing;

/// <summary>
/// Takes what came from the channels (<c>msg.in.{channel}</c>) to <c>messages</c>, whose offsets number it among the messages that were
/// posted: one log knows the order of a conversation.
/// </summary>
public sealed class InboundConsumer(
    IEventLog log,
    RefusedEvents refused,
    RetryForever retry,
    RouterMetrics metrics,
    IOptions<RouterWorkerOptions> options,
    ILogger<InboundConsumer> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(ChannelCatalog.Names.Select(channel => ConsumeAsync(ConsumerGroup.OfInbound(channel), stoppingToken)));

    /// <summary>Appends a batch to where it goes. Throws where the log refuses something of it.</summary>
    public async Task ProcessAsync(
        ConsumerGroup group, TopicPartition partition, IReadOnlyList<LogEvent> events, CancellationToken cancellationToken)
    {
        using var spans = new ProcessSpans(
            new(log.MessagingSystem, partition.Topic, group.Group, partition.Partition), [.. events.Select(e => e.TraceParent)]);
        var appends = new List<NewEvent>(events.Count);
        var deadLetters = 0;
        foreach (var source in events)
        {
            if (MessageEventJson.TryRead(source.Value.Span, out var error) is not { } message)
            {
                appends.Add(DeadLetters.From(partition, source, error!.ToString()));
                deadLetters++;
                continue;
            }
            var trace = spans.Continue(new(
                source.TraceParent, source.Offset, source.Key, message.ConversationId, message.MessageId));
            appends.Add(new(
                Topics.Messages,
                MessageIds.Format(message.ConversationId),
                source.Value,
                trace is null ? null : [new(HeaderNames.TraceParent, trace)]));
        }
        spans.Enter();
        await retry.RunAsync(
            logger, "append the messages of", partition, async ct => await log.AppendAsync(appends, ct), cancellationToken);
        metrics.CameIn(partition.Topic, deadLetters);
    }

    private Task ConsumeAsync(ConsumerGroup group, CancellationToken stoppingToken)
    {
        return log.ConsumeAsync(group, ProcessPartitionAsync, stoppingToken);

        async Task ProcessPartitionAsync(IPartitionConsumer partition, CancellationToken revoked)
        {
            while (true)
            {
                var events = await partition.ReadAsync(options.Value.BatchSize, revoked);
                await refused.ProcessAsync(
                    partition.Partition, events, (part, ct) => ProcessAsync(group, partition.Partition, part, ct), revoked);
                await partition.CommitAsync(events[^1].Offset + 1, revoked);
            }
        }
    }
}
