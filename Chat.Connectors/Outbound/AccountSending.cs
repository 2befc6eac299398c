using Chat.Connectors.Instagram.Sending;
using Chat.Connectors.Providers;
using Chat.Connectors.Providers.Meta;
using Chat.Connectors.WhatsApp.Sending;
using Chat.Core.Channels;
using Chat.Core.Ids;
using Chat.Core.Parking;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Connectors.Outbound;

/// <summary>What sends messages from accounts to real providers.</summary>
internal static class AccountSending
{
    public static void AddAccountSending(this IServiceCollection services)
    {
        services.AddGraphClient();
        services.TryAddSingleton(sp => new IdSource(sp.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ReleasedStatuses>();
        services.TryAddSingleton<NotedProviderIds>();
        services.AddSingleton<SendLimits>();
        services.AddSingleton<ReferredMessages>();
        services.AddSingleton<SettledTries>();
    }

    /// <summary>Of a channel.</summary>
    public static IAccountOutbox CreateOutbox(IServiceProvider services, Channel channel, ConnectorsOptions options)
    {
        var sender = ActivatorUtilities.CreateInstance<AccountSender>(services, ProviderOf(services, channel), options);
        var logger = services.GetRequiredService<ILogger<AccountOutbox>>();
        return new AccountOutbox(ActivatorUtilities.CreateInstance<AccountParts>(services, sender, options, logger));
    }

    /// <summary>Of all channels that this process connects.</summary>
    public static AccountUpkeep CreateUpkeep(IServiceProvider services, ConnectorsOptions options)
    {
        string[] channels = [.. options.ChannelsToRun.Select(c => c.Name)];
        return new(
            ActivatorUtilities.CreateInstance<HeldReleaser>(services, channels, options),
            ActivatorUtilities.CreateInstance<OpenTrySweeper>(services, channels, options));
    }

    private static IAccountProvider ProviderOf(IServiceProvider services, Channel channel) => channel.Name switch
    {
        ChannelCatalog.WhatsApp => ActivatorUtilities.CreateInstance<WhatsAppProvider>(services),
        ChannelCatalog.Instagram => ActivatorUtilities.CreateInstance<InstagramProvider>(services),
        var name => throw new InvalidOperationException($"There is no provider of {name}."),
    };
}
