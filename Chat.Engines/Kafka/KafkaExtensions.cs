using Chat.Core.Engines;
using Chat.Core.Erasure;
using Chat.Core.Log;
using Chat.Engines.Kafka.Clients;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Kafka;

public static class KafkaExtensions
{
    /// <summary>The category of the client's own log lines, of which there are many as long as a broker can't be reached.</summary>
    public static string ClientLogCategory { get; } = typeof(KafkaClientLog).FullName!;

    /// <summary>
    /// The event log on the brokers of <c>ConnectionStrings:kafka</c> (<c>host:port</c>, several with commas between);
    /// settings are <see cref="KafkaOptions"/>.
    /// </summary>
    public static IHostApplicationBuilder AddKafkaEventLog(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<KafkaOptions>().BindConfiguration(KafkaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        // The clients' settings are fixed before the options can be validated, which the start does.
        var options = builder.Configuration.GetSection(KafkaOptions.Section).Get<KafkaOptions>() ?? new();
        var (producer, consumer, create) = builder.AddKafkaClientConfigs(options);
        builder.Services.AddSingleton(KafkaSecurity.Describe(options));
        builder.Services.AddSingleton<KafkaClientLog>();
        builder.Services.AddSingleton(services => new KafkaClients(
            producer,
            consumer,
            () => new SharedProducer(create(services)),
            services.GetRequiredService<KafkaClientLog>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<KafkaClients>>()));
        builder.Services.AddSingleton<AdminRequests>();
        builder.Services.AddSingleton<KafkaTopics>();
        builder.Services.AddSingleton<LastAppend>();
        builder.Services.AddSingleton<IEventLog, KafkaEventLog>();
        builder.Services.AddSingleton<ILogReader, KafkaLogReader>();
        builder.Services.AddSingleton<ILogErasure, KafkaLogErasure>();
        builder.Services.AddSingleton<IEngineErrors, KafkaErrors>();
        builder.Services.AddHostedService<KafkaTopicsAtStart>();
        builder.Services.AddSingleton<KafkaHealthCheck>();
        builder.Services.AddHealthChecks().AddCheck<KafkaHealthCheck>(KafkaOptions.ConnectionName);
        return builder;
    }
}
