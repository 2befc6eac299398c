using System.Text;
using Chat.Core.Log;
using Confluent.Kafka;
using KafkaHeaders = Confluent.Kafka.Headers;

namespace Chat.Engines.Kafka;

internal static class ConsumeResultExtensions
{
    // A year before there are no more, since times are added to an event's.
    private static readonly long LastMoment = DateTimeOffset.MaxValue.AddYears(-1).ToUnixTimeMilliseconds();

    private static readonly IReadOnlyList<EventHeader> NoHeaders = [];

    public static LogEvent ToLogEvent(this ConsumeResult<string?, byte[]> result) => new(
        result.Offset.Value,
        result.Message.Key,
        result.Message.Value,
        AppendTimeOf(result.Message.Timestamp),
        ToEventHeaders(result.Message.Headers));

    // Where a topic once took its producers' own times they may be anything: microseconds, or none.
    private static DateTimeOffset AppendTimeOf(Timestamp timestamp) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(timestamp.UnixTimestampMs, 0, LastMoment));

    private static IReadOnlyList<EventHeader> ToEventHeaders(KafkaHeaders headers)
    {
        if (headers.Count == 0) return NoHeaders;
        var copies = new EventHeader[headers.Count];
        for (var i = 0; i < copies.Length; i++)
            copies[i] = new(headers[i].Key, headers[i].GetValueBytes() is { } value ? Encoding.UTF8.GetString(value) : "");
        return copies;
    }
}
