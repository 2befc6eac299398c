using Confluent.Kafka;

namespace Chat.Engines.Kafka.Clients;

/// <summary>What the clients of this process are made from.</summary>
/// <param name="CreateProducer">Makes the first producer, which is the caller's to dispose of.</param>
internal sealed record KafkaClientConfigs(
    ProducerConfig Producer, ConsumerConfig Consumer, Func<IServiceProvider, IProducer<string, byte[]>> CreateProducer);
