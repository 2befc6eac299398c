using Chat.Core.Engines;
using Chat.Core.Log;

namespace Chat.Tests.Described;

/// <summary>A log that refuses to take a certain text to a connector.</summary>
internal sealed class RefusingLog(IEventLog log) : IEventLog
{
    public string MessagingSystem => log.MessagingSystem;

    public const string Refused = "too large for this log";

    public ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken) =>
        log.DescribeAsync(topic, cancellationToken);

    public ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken) =>
        events.Any(IsRefused) ? throw new EngineRefusedException("Message size too large") : log.AppendAsync(events, cancellationToken);

    public Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken) =>
        log.ConsumeAsync(group, process, cancellationToken);

    private static bool IsRefused(NewEvent e) =>
        e.Topic.StartsWith(Topics.Outbound(""), StringComparison.Ordinal)
        && e.Value.Span.IndexOf(System.Text.Encoding.UTF8.GetBytes(Refused)) >= 0;
}
