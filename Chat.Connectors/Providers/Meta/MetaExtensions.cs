using Chat.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Connectors.Providers.Meta;

internal static class MetaExtensions
{
    /// <summary>Adds <see cref="GraphClient"/> and its settings. May be called more than once.</summary>
    public static IServiceCollection AddGraphClient(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(GraphClient))) return services;
        services.AddProviderClient(GraphClient.ClientName);
        services.TryAddSingleton<GraphClient>();
        services.TryAddSingleton<IGraphPosts>(sp => sp.GetRequiredService<GraphClient>());
        return services;
    }
}
