using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Connectors;

internal static class ConnectorMetrics
{
    /// <summary>Messages handed over, by channel; a redelivery counts again.</summary>
    public static readonly Counter<long> Messages =
        ChatTelemetry.Meter.CreateCounter<long>("chat.connector.messages", "{message}", "Messages handed over to a channel");

    /// <summary>Statuses appended to <c>msg.status</c>, by channel and status.</summary>
    public static readonly Counter<long> Statuses =
        ChatTelemetry.Meter.CreateCounter<long>("chat.connector.statuses", "{status}", "Statuses that connectors appended to the log");

    public static readonly UpDownCounter<long> InFlight =
        ChatTelemetry.Meter.CreateUpDownCounter<long>("chat.connector.in_flight", "{message}", "Messages whose last status is not in the log yet");

    /// <summary>Callbacks by outcome: <c>accepted</c>, <c>refused</c>, <c>failed</c> or <c>dropped</c>.</summary>
    public static readonly Counter<long> Callbacks =
        ChatTelemetry.Meter.CreateCounter<long>("chat.connector.callbacks", "{callback}", "Status callbacks by outcome");
}
