using Chat.Connectors.Accounts;
using Chat.Connectors.Callbacks;
using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Connectors.Webhooks;
using Chat.Core.Channels;
using Chat.Core.Log;
using Chat.Core.Providers;
using Chat.ServiceDefaults;
using Chat.ServiceDefaults.Accounts;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Chat.Connectors;

public static class ConnectorsExtensions
{
    /// <summary>
    /// Adds the connectors of the channels that <see cref="ConnectorsOptions.Run"/> names: simulated ones, and those of the real
    /// providers for what is sent from accounts. Needs the event log and the store.
    /// </summary>
    public static IHostApplicationBuilder AddConnectors(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ConnectorsOptions>()
            .BindConfiguration(ConnectorsOptions.Section)
            // The binder leaves out what has no settings of its own, as the value of Connectors:Channels:0: it must not go unnoticed.
            .Configure<IConfiguration>((o, configuration) =>
            {
                foreach (var channel in configuration.GetSection(ChannelSettings.Section).GetChildren())
                    o.Channels.TryAdd(channel.Key, new());
            })
            .PostConfigure(o =>
            {
                o.CallbackKey ??= builder.Configuration[CallbackSettings.Key];
                foreach (var channel in ChannelCatalog.Names)
                {
                    if (CallbackKeys.Read(builder.Configuration, channel) is [var key, ..]) o.AddCallbackKey(channel, key);
                }
            })
            .ValidateDataAnnotations()
            // What is under way must not be taken for lost.
            .Validate<IConfiguration>(
                (o, configuration) => o.UnknownAfter >= 2 * LongestTimeout(configuration),
                $"{ConnectorsOptions.Section}:{nameof(ConnectorsOptions.UnknownAfter)}: must be twice as long as each "
                + $"{ProvidersOptions.Section}:{{WhatsApp,Instagram}}:{nameof(GraphOptions.Timeout)} at least")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ConnectorMetrics>();
        services.AddRetryForever();
        builder.AddAccounts();
        builder.AddAccountHealth();
        builder.AddWebhooks();
        services.TryAddSingleton<DeadLetterMetrics>();
        services.TryAddSingleton<RefusedEvents>();
        services.AddSingleton(sp => ActivatorUtilities.CreateInstance<StatusCallbacks>(sp, Options(sp)));
        // The sender retries by itself, by the injected clock, and logs its failures.
#pragma warning disable EXTEXP0001 // The only way to leave out the handler that every client gets by default.
        services.AddHttpClient(CallbackSender.ClientName).RemoveAllLoggers().RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        services.AddHostedService<CallbackSender>();
        services.AddAccountSending();
        services.AddHostedService(sp => new ConnectorService(
            [.. Options(sp).ChannelsToRun.Select(channel => Create(sp, channel))], AccountSending.CreateUpkeep(sp, Options(sp))));
        return builder;
    }

    private static TimeSpan LongestTimeout(IConfiguration configuration) =>
        (configuration.GetSection(ProvidersOptions.Section).Get<ProvidersOptions>() ?? new()).LongestTimeout;

    private static OutboundConnector Create(IServiceProvider services, Channel channel)
    {
        var options = Options(services);
        var logsContents = services.GetRequiredService<IHostEnvironment>().IsDevelopment();
        var provider = ActivatorUtilities.CreateInstance<SimulatedProvider>(
            services, channel, options.Channels[channel.Name], logsContents);
        var outbox = AccountSending.CreateOutbox(services, channel, options);
        return ActivatorUtilities.CreateInstance<OutboundConnector>(services, provider, options, outbox);
    }

    private static ConnectorsOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<ConnectorsOptions>>().Value;
}
