using System.Diagnostics.Metrics;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;

namespace Chat.Connectors;

/// <summary>What the connectors of this process do.</summary>
public sealed class ConnectorMetrics
{
    private readonly Counter<long> _messages;
    private readonly Counter<long> _statuses;
    private readonly UpDownCounter<long> _inFlight;
    private readonly Counter<long> _callbacks;
    private readonly DeadLetterMetrics _deadLetters;

    public ConnectorMetrics(IMeterFactory meters, DeadLetterMetrics deadLetters)
    {
        _deadLetters = deadLetters;
        var meter = meters.Create(ChatTelemetry.Name);
        _messages = meter.CreateCounter<long>("chat.connector.messages", "{message}", "Messages sent to a channel's provider");
        _statuses = meter.CreateCounter<long>("chat.connector.statuses", "{status}", "Statuses that connectors appended to the log");
        _inFlight = meter.CreateUpDownCounter<long>(
            "chat.connector.in_flight", "{message}", "Messages whose last status is not in the log yet");
        _callbacks = meter.CreateCounter<long>("chat.connector.callbacks", "{callback}", "Status callbacks by outcome");
    }

    /// <summary>Counts messages that were sent; a redelivery counts again.</summary>
    public void MessagesSent(string channel, int count) => _messages.Add(count, Channel(channel));

    /// <summary>Counts a status that was appended to <c>msg.status</c>.</summary>
    public void StatusAppended(string channel, StatusKind status) =>
        _statuses.Add(1, Channel(channel), new KeyValuePair<string, object?>("status", StatusNames.Format(status)));

    /// <summary>Changes how many messages are on their way.</summary>
    public void InFlightChanged(string channel, int difference) => _inFlight.Add(difference, Channel(channel));

    /// <summary>Counts events of a channel's topic that became dead letters.</summary>
    public void DeadLettersAdded(string topic, int count) => _deadLetters.Added(topic, count);

    /// <param name="outcome"><c>accepted</c>, <c>refused</c>, <c>failed</c> or <c>dropped</c>.</param>
    public void CallbackEnded(string outcome) => _callbacks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    private static KeyValuePair<string, object?> Channel(string channel) => new("channel", channel);
}
