using Chat.Core.Providers;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.ServiceDefaults;

public static class ProviderClientExtensions
{
    /// <summary>
    /// Adds a named HTTP client for requests to real providers with an account's token, and <see cref="ProvidersOptions"/>. It asks once:
    /// whether that may be repeated is decided by its caller alone, who knows what the answer means. It follows no redirect, which would
    /// take the token elsewhere.
    /// </summary>
    public static void AddProviderClient(this IServiceCollection services, string name)
    {
        services.AddOptions<ProvidersOptions>()
            .BindConfiguration(ProvidersOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
#pragma warning disable EXTEXP0001 // The only way to leave out the handler that every client gets by default.
        services.AddHttpClient(name)
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
    }
}
