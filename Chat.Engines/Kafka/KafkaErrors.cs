using Chat.Core.Engines;
using Confluent.Kafka;

namespace Chat.Engines.Kafka;

/// <summary>What the Kafka client throws where the brokers are away or refuse.</summary>
internal sealed class KafkaErrors : IEngineErrors
{
    public bool IsFailure(Exception exception) => exception is KafkaException;
}
