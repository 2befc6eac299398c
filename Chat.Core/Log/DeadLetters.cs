using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Core.Log;

/// <summary>How an event that can't be used is put aside.</summary>
public static class DeadLetters
{
    private static readonly Counter<long> Counted = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.dead_letters", "{event}", "Events put aside, by topic");

    /// <summary>Counts events of a topic that were put aside.</summary>
    public static void Count(string topic, int count)
    {
        if (count > 0) Counted.Add(count, new KeyValuePair<string, object?>("messaging.destination.name", topic));
    }

    /// <summary>The event as its dead-letter topic takes it: value and headers unchanged, with the reason and the place it stood.</summary>
    public static NewEvent From(TopicPartition partition, LogEvent source, string reason) => new(
        Topics.DeadLetter(partition.Topic),
        source.Key ?? $"{partition.Partition}/{source.Offset}",
        source.Value,
        [
            .. source.Headers.Where(h => !h.Name.StartsWith("dlq.", StringComparison.Ordinal)),
            new(HeaderNames.DeadLetterReason, reason),
            new(HeaderNames.DeadLetterTopic, partition.Topic),
            new(HeaderNames.DeadLetterPartition, partition.Partition.ToString()),
            new(HeaderNames.DeadLetterOffset, source.Offset.ToString()),
        ]);
}
