using Chat.Core.Log;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Kafka;

public static class KafkaExtensions
{
    /// <summary>
    /// The event log on the brokers of <c>ConnectionStrings:kafka</c> (<c>host:port</c>, several with commas between);
    /// settings are <see cref="KafkaOptions"/>.
    /// </summary>
    public static IHostApplicationBuilder AddKafkaEventLog(this IHostApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(KafkaOptions.Section);
        builder.Services.Configure<KafkaOptions>(section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        var options = section.Get<KafkaOptions>() ?? new();
        var (producer, consumer) = AddClients(builder, options);
        builder.Services.AddSingleton<KafkaClientLog>();
        builder.Services.AddSingleton(services => new KafkaClients(
            producer,
            consumer,
            services.GetRequiredService<IProducer<string, byte[]>>,
            services.GetRequiredService<KafkaClientLog>(),
            services.GetRequiredService<ILogger<KafkaClients>>()));
        builder.Services.AddSingleton<KafkaTopics>();
        builder.Services.AddSingleton<IEventLog, KafkaEventLog>();
        builder.Services.AddSingleton<ILogReader, KafkaLogReader>();
        builder.Services.AddHostedService<KafkaTopicsAtStart>();
        builder.Services.AddHealthChecks().AddCheck<KafkaHealthCheck>("kafka");
        return builder;
    }

#if ASPIRE
    private static (ProducerConfig, ConsumerConfig) AddClients(IHostApplicationBuilder builder, KafkaOptions options)
    {
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
        return (producer!, consumer!);
    }
#else
    private static (ProducerConfig, ConsumerConfig) AddClients(IHostApplicationBuilder builder, KafkaOptions options)
    {
        var brokers = builder.Configuration.GetConnectionString(KafkaOptions.ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings:{KafkaOptions.ConnectionName} is not set.");
        var producer = new ProducerConfig { BootstrapServers = brokers };
        KafkaSettings.Apply(producer, options);
        var consumer = new ConsumerConfig { BootstrapServers = brokers };
        KafkaSettings.Apply(consumer, options);
        builder.Services.AddSingleton(services =>
            services.GetRequiredService<KafkaClientLog>().Attach(new ProducerBuilder<string, byte[]>(producer)).Build());
        return (producer, consumer);
    }
#endif
}
