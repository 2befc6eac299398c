using Chat.Connectors.Providers;
using Chat.Core.Parking;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Connectors.Webhooks;

internal static class WebhooksExtensions
{
    /// <summary>Reads what providers post. Needs the log, the store and <see cref="ConnectorsOptions"/>.</summary>
    public static IHostApplicationBuilder AddWebhooks(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton<MessageLookup>();
        services.TryAddSingleton<ReleasedStatuses>();
        services.AddSingleton<WebhookMetrics>();
        services.AddSingleton<WebhookStores>();
        services.AddSingleton<ContactConversations>();
        services.TryAddSingleton<NotedProviderIds>();
        services.AddSingleton<WebhookProcessor>();
        services.AddHostedService<WebhookConsumer>();
        return builder;
    }
}
