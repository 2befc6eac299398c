using System.Text;
using Chat.Core.Log;
using Confluent.Kafka;
using KafkaHeaders = Confluent.Kafka.Headers;

namespace Chat.Engines.Kafka;

internal static class ConsumeResultExtensions
{
    private static readonly IReadOnlyList<EventHeader> NoHeaders = [];

    public static LogEvent ToLogEvent(this ConsumeResult<string?, byte[]> result) => new(
        result.Offset.Value,
        result.Message.Key,
        result.Message.Value,
        new DateTimeOffset(result.Message.Timestamp.UtcDateTime, TimeSpan.Zero),
        ToEventHeaders(result.Message.Headers));

    private static IReadOnlyList<EventHeader> ToEventHeaders(KafkaHeaders headers)
    {
        if (headers.Count == 0) return NoHeaders;
        var copies = new EventHeader[headers.Count];
        for (var i = 0; i < copies.Length; i++)
            copies[i] = new(headers[i].Key, headers[i].GetValueBytes() is { } value ? Encoding.UTF8.GetString(value) : "");
        return copies;
    }
}
