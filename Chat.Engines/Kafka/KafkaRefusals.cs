using Chat.Core.Engines;
using Confluent.Kafka;

namespace Chat.Engines.Kafka;

/// <summary>
/// Which of Kafka's errors say that a record is refused for what it is. Everything else may pass: brokers that are away, a fenced
/// producer, a topic that is missing, rights that somebody took away.
/// </summary>
internal static class KafkaRefusals
{
    /// <summary>The error as the port tells it; null where it is a failure that may pass.</summary>
    public static EngineRefusedException? Find(KafkaException exception) => exception.Error.Code switch
    {
        // The client's own answer to a record above message.max.bytes, and the brokers' to one above their topic's.
        ErrorCode.MsgSizeTooLarge => new("The record is larger than the topic or the producer takes", exception),
        ErrorCode.RecordListTooLarge => new("The records are larger than a segment of the topic", exception),
        // Of a batch that came damaged too: alone, and sent again, that one is taken.
        ErrorCode.InvalidMsg => new("The brokers take the record for damaged or invalid", exception),
        ErrorCode.InvalidRecord => new("The brokers take the record for invalid", exception),
        _ => null,
    };
}
