using System.Diagnostics.Metrics;
using Chat.Core.Log;
using Chat.Core.Telemetry;

namespace Chat.RouterWorker.Routing;

/// <summary>What the router did.</summary>
public sealed class RouterMetrics(IMeterFactory meters, DeadLetterMetrics deadLetters)
{
    private readonly Counter<long> _routed = meters.Create(ChatTelemetry.Name)
        .CreateCounter<long>("chat.messages.routed", "{message}", "Messages handed on to a channel");

    public void Routed(RoutedMessages batch)
    {
        _routed.Add(batch.Count);
        deadLetters.Added(Topics.Messages, batch.DeadLetters.Count);
    }

    /// <summary>Counts what of a channel's inbound messages could not be read.</summary>
    public void CameIn(string topic, int unreadable) => deadLetters.Added(topic, unreadable);
}
