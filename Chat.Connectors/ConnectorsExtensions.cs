using Chat.Connectors.Callbacks;
using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Core.Channels;
using Chat.Core.Log;
using Chat.Core.Store;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Chat.Connectors;

public static class ConnectorsExtensions
{
    /// <summary>
    /// Adds the simulated connectors of the channels that <see cref="ConnectorsOptions.Channels"/> names. Needs the event log and
    /// the message store.
    /// </summary>
    public static IHostApplicationBuilder AddConnectors(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ConnectorsOptions>()
            .BindConfiguration(ConnectorsOptions.Section)
            .PostConfigure(o => o.CallbackKey ??= builder.Configuration["Callbacks:Key"])
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<ConnectorsOptions>, ConnectorsOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(sp => new StatusCallbacks(
            Options(sp), sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<StatusCallbacks>>()));
        // The sender has tries of its own, by the injected clock, and knows what it does with a failure.
#pragma warning disable EXTEXP0001 // The only way to leave out the handler that every client gets by default.
        services.AddHttpClient(CallbackSender.ClientName).RemoveAllLoggers().RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        services.AddHostedService<CallbackSender>();
        services.AddHostedService(sp => new ConnectorService(Options(sp).ChannelsOrAll.Select(channel => Create(sp, channel)).ToArray()));
        return builder;
    }

    private static OutboundConnector Create(IServiceProvider services, string channel)
    {
        var options = Options(services);
        var provider = new SimulatedProvider(
            channel,
            channel == ChannelCatalog.Instagram ? options.Instagram : options.WhatsApp,
            services.GetRequiredService<ILogger<SimulatedProvider>>());
        return new(
            provider,
            services.GetRequiredService<IEventLog>(),
            services.GetRequiredService<IMessageStore>(),
            services.GetRequiredService<StatusCallbacks>(),
            options,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<OutboundConnector>>());
    }

    private static ConnectorsOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<ConnectorsOptions>>().Value;

    private sealed class ConnectorsOptionsValidator : IValidateOptions<ConnectorsOptions>
    {
        public ValidateOptionsResult Validate(string? name, ConnectorsOptions options) =>
            options.FindError() is { } error ? ValidateOptionsResult.Fail(error) : ValidateOptionsResult.Success;
    }
}
