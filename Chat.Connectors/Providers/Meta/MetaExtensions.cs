using Chat.Core.Providers;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Connectors.Providers.Meta;

internal static class MetaExtensions
{
    /// <summary>Adds <see cref="GraphClient"/> and its settings. May be called more than once.</summary>
    public static IServiceCollection AddGraphClient(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(GraphClient))) return services;
        services.AddOptions<ProvidersOptions>()
            .BindConfiguration(ProvidersOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton<GraphClient>();
        services.TryAddSingleton<IGraphPosts>(sp => sp.GetRequiredService<GraphClient>());
        // Whether a request is sent again is decided by its caller alone, who knows what the answer means; a redirect would take the
        // token elsewhere.
#pragma warning disable EXTEXP0001 // The only way to leave out the handler that every client gets by default.
        services.AddHttpClient(GraphClient.ClientName)
            .RemoveAllLoggers()
            .RemoveAllResilienceHandlers()
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                ConnectTimeout = TimeSpan.FromSeconds(10),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            });
#pragma warning restore EXTEXP0001
        return services;
    }
}
