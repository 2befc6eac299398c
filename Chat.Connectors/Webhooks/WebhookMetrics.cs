using System.Diagnostics.Metrics;
using Chat.Core.Log;
using Chat.Core.Telemetry;

namespace Chat.Connectors.Webhooks;

/// <summary>What webhooks brought.</summary>
internal sealed class WebhookMetrics(IMeterFactory meters, DeadLetterMetrics deadLetters)
{
    private readonly Counter<long> _updates = meters.Create(ChatTelemetry.Name)
        .CreateCounter<long>("chat.webhooks.updates", "{update}", "Updates that webhooks brought, by what they are");

    /// <param name="kind">One of <see cref="UpdateKinds"/>.</param>
    public void Read(string channel, string kind) => _updates.Add(
        1, new KeyValuePair<string, object?>("channel", channel), new KeyValuePair<string, object?>("kind", kind));

    public void Unreadable(string topic, int count) => deadLetters.Added(topic, count);
}
