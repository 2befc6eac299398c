using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Chat.Engines.Kafka.Clients;

/// <summary>Kafka clients without Aspire's integration, for a package feed that lacks it.</summary>
internal static class BareKafkaClients
{
    /// <summary>The settings that every client of this process starts from, and how its first producer is made.</summary>
    public static KafkaClientConfigs AddKafkaClientConfigs(
        this IHostApplicationBuilder builder, KafkaOptions options)
    {
        var brokers = builder.Configuration.GetConnectionString(KafkaOptions.ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings:{KafkaOptions.ConnectionName} is not set.");
        var producer = new ProducerConfig { BootstrapServers = brokers };
        KafkaSettings.Apply(producer, options);
        var consumer = new ConsumerConfig { BootstrapServers = brokers };
        KafkaSettings.Apply(consumer, options);
        return new(
            producer,
            consumer,
            services => services.GetRequiredService<KafkaClientLog>().Attach(new ProducerBuilder<string, byte[]>(producer)).Build());
    }
}
