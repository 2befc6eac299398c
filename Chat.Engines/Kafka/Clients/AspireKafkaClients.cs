using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Kafka.Clients;

/// <summary>Kafka clients by Aspire's integration: its settings, its metrics. Built in where the package feed has it.</summary>
internal static class AspireKafkaClients
{
    /// <summary>The settings that every client of this process starts from, and how its first producer is made.</summary>
    public static KafkaClientConfigs AddKafkaClientConfigs(
        this IHostApplicationBuilder builder, KafkaOptions options)
    {
        // Aspire sets a log handler of its own beside ours, which can't be had twice, and warns of that in every process.
        builder.Logging.AddFilter("Aspire.Confluent.Kafka", LogLevel.Error);
        ProducerConfig? producer = null;
        ConsumerConfig? consumer = null;
        builder.AddKafkaProducer<string, byte[]>(
            KafkaOptions.ConnectionName,
            settings =>
            {
                // Aspire's check writes an event to a topic of its own at each probe; ours asks. Its spans would put a second
                // trace context beside the one that an event carries.
                settings.DisableHealthChecks = true;
                settings.DisableTracing = true;
                settings.Config.BootstrapServers ??= settings.ConnectionString;
                KafkaSettings.Apply(settings.Config, options);
                producer = settings.Config;
            },
            (services, producerBuilder) => services.GetRequiredService<KafkaClientLog>().Attach(producerBuilder));
        // Aspire registers one consumer; a process here has one for each group it joins. So only the settings are Aspire's.
        builder.AddKafkaConsumer<string?, byte[]>(
            KafkaOptions.ConnectionName,
            settings =>
            {
                settings.DisableHealthChecks = true;
                settings.DisableTracing = true;
                settings.DisableMetrics = true;
                settings.Config.BootstrapServers ??= settings.ConnectionString;
                KafkaSettings.Apply(settings.Config, options);
                consumer = settings.Config;
            });
        // The container would dispose of the producer, whatever still uses it.
        var registered = builder.Services.Last(s => s.ServiceType == typeof(IProducer<string, byte[]>));
        builder.Services.Remove(registered);
        return new(producer!, consumer!, services => (IProducer<string, byte[]>)registered.ImplementationFactory!(services));
    }
}
