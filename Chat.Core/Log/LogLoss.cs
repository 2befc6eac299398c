using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Core.Log;

/// <summary>The counter <c>chat.log.lost</c>: events that retention took before a group had processed them.</summary>
public static class LogLoss
{
    private static readonly Counter<long> Lost = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.log.lost", "{event}", "Events that the log's retention deleted before a consumer group had processed them.");

    public static void Add(ConsumerGroup group, long events) => Lost.Add(
        events,
        new KeyValuePair<string, object?>("messaging.consumer.group.name", group.Group),
        new KeyValuePair<string, object?>("messaging.destination.name", group.Topic));

    /// <summary>
    /// How many events are lost between the offset a group expected and the next that there is.
    /// </summary>
    /// <param name="start">The log's first offset now: a hole above it (another producer's transactions) is no loss.</param>
    /// <param name="next">The offset of the next event; null where none has come yet.</param>
    public static long Between(long expected, long start, long? next) => Math.Max(0, Math.Min(start, next ?? start) - expected);
}
