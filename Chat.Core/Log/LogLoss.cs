using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;
using Microsoft.Extensions.Logging;

namespace Chat.Core.Log;

/// <summary>Events that retention took before a group had processed them: an error, and the counter <c>chat.log.lost</c>.</summary>
public static partial class LogLoss
{
    private static readonly Counter<long> Lost = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.log.lost", "{event}", "Events that the log's retention deleted before a consumer group had processed them.");

    /// <summary>Reports a loss; once for each event.</summary>
    /// <param name="logger">The engine's, so that the line is under its category.</param>
    /// <param name="count">How many events.</param>
    /// <param name="from">The first offset that is lost.</param>
    public static void Report(ILogger logger, string group, TopicPartition partition, long count, long from)
    {
        Lost.Add(
            count,
            new KeyValuePair<string, object?>("messaging.consumer.group.name", group),
            new KeyValuePair<string, object?>("messaging.destination.name", partition.Topic));
        LogLost(logger, group, count, partition, from);
    }

    [LoggerMessage(
        EventId = LogEvents.EventsLost,
        Level = LogLevel.Error,
        Message = "Group {Group} lost {Count} events of {Partition} from offset {From} on: "
            + "retention deleted them before they were processed")]
    private static partial void LogLost(ILogger logger, string group, long count, TopicPartition partition, long from);
}
