using System.Diagnostics.Metrics;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;

namespace Chat.Connectors;

/// <summary>What the connectors of this process do.</summary>
public sealed class ConnectorMetrics
{
    private readonly Counter<long> _messages =
        ChatTelemetry.Meter.CreateCounter<long>("chat.connector.messages", "{message}", "Messages sent to a channel's provider");

    private readonly Counter<long> _statuses =
        ChatTelemetry.Meter.CreateCounter<long>("chat.connector.statuses", "{status}", "Statuses that connectors appended to the log");

    private readonly UpDownCounter<long> _inFlight =
        ChatTelemetry.Meter.CreateUpDownCounter<long>("chat.connector.in_flight", "{message}", "Messages whose last status is not in the log yet");

    private readonly Counter<long> _callbacks =
        ChatTelemetry.Meter.CreateCounter<long>("chat.connector.callbacks", "{callback}", "Status callbacks by outcome");

    /// <summary>Counts messages that were sent; a redelivery counts again.</summary>
    public void MessagesSent(string channel, int count) => _messages.Add(count, Channel(channel));

    /// <summary>Counts a status that was appended to <c>msg.status</c>.</summary>
    public void StatusAppended(string channel, StatusKind status) =>
        _statuses.Add(1, Channel(channel), new KeyValuePair<string, object?>("status", StatusNames.Format(status)));

    /// <summary>Changes how many messages are on their way.</summary>
    public void InFlightChanged(string channel, int difference) => _inFlight.Add(difference, Channel(channel));

    /// <param name="outcome"><c>accepted</c>, <c>refused</c>, <c>failed</c> or <c>dropped</c>.</param>
    public void CallbackEnded(string outcome) => _callbacks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private static KeyValuePair<string, object?> Channel(string channel) => new("channel", channel);
}
