using System.Diagnostics.Metrics;
using Chat.Connectors.Providers;
using Chat.Core.Log;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;

namespace Chat.Connectors;

/// <summary>What the connectors of this process do.</summary>
public sealed class ConnectorMetrics
{
    private static readonly string[] Outcomes = ["accepted", "rejected", "later", "unknown", "given_up"];
    private static readonly string[] Scopes = ["recipient", "account", "business", "app"];

    private readonly Counter<long> _messages;
    private readonly Counter<long> _statuses;
    private readonly UpDownCounter<long> _inFlight;
    private readonly Counter<long> _callbacks;
    private readonly Counter<long> _answers;
    private readonly Counter<long> _held;
    private readonly Counter<long> _putBack;
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
        _answers = meter.CreateCounter<long>("chat.connector.answers", "{answer}", "What real providers answered, by outcome");
        _held = meter.CreateCounter<long>("chat.connector.held", "{message}", "Messages that were held, by what they wait for");
        _putBack = meter.CreateCounter<long>("chat.connector.put_back", "{message}", "Held messages that went back into the log");
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

    /// <summary>Counts what a real provider answered to a try; <c>GivenUp</c> where nothing proved in time what became of it.</summary>
    public void Answered(string channel, SendOutcome outcome) =>
        _answers.Add(1, Channel(channel), new KeyValuePair<string, object?>("outcome", Outcomes[(int)outcome]));

    /// <summary>Counts a message that is held.</summary>
    internal void Held(string channel, LaterScope scope) =>
        _held.Add(1, Channel(channel), new KeyValuePair<string, object?>("scope", Scopes[(int)scope]));

    /// <summary>Counts held messages that went back into <c>msg.out.{channel}</c>.</summary>
    public void PutBack(string channel, int count) => _putBack.Add(count, Channel(channel));

    private static KeyValuePair<string, object?> Channel(string channel) => new("channel", channel);
}
