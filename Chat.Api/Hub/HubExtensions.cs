using Chat.Api.Hub.Feeds;
using Chat.Api.Hub.Sessions;
using Chat.Api.Hub.Sockets;
using Chat.Core.Time;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Api.Hub;

public static class HubExtensions
{
    /// <summary>The WebSocket hub. Needs the store, the bus, conversations and an <see cref="Auth.ITokenReader"/>.</summary>
    public static IHostApplicationBuilder AddStatusHub(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<HubOptions>()
            .BindConfiguration(HubOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
#pragma warning disable RS0030 // The one place where the real random source comes in.
        services.TryAddSingleton(Random.Shared);
#pragma warning restore RS0030
        services.TryAddSingleton(s => new RetryForever(s.GetRequiredService<TimeProvider>()));
        services.AddSingleton<HubMetrics>();
        services.AddSingleton<HubAccess>();
        services.AddSingleton<ChangeReader>();
        services.AddSingleton<FeedRegistry>();
        services.AddSingleton<HubSessions>();
        services.AddSingleton<ConnectionRegistry>();
        services.AddSingleton<SocketAdmission>();
        services.AddSingleton<SocketRunner>();
        services.AddSingleton<SocketEndpoint>();
        services.AddSingleton<PlainHandshakes>();
        services.AddSingleton<HandshakeListenerFactory>();
        services.AddSingleton<IConnectionListenerFactory>(s => s.GetRequiredService<HandshakeListenerFactory>());
        services.AddHostedService<HeadCheck>();
        services.AddHostedService<RevocationWatch>();
        services.AddHostedService<KeepAlive>();
        services.Configure<KestrelServerOptions>(kestrel => kestrel.ConfigureEndpointDefaults(endpoint =>
            endpoint.Use(http =>
            {
                endpoint.ApplicationServices.GetRequiredService<HandshakeListenerFactory>().Expect(endpoint);
                return connection => DetachableConnection.RunAsync(connection, http, connection.Features.Get<SocketVerdict>());
            })));
        return builder;
    }

    /// <summary>Maps <c>/ws/status</c>, and asks every client to reconnect when the instance stops.</summary>
    public static WebApplication MapStatusHub(this WebApplication app)
    {
        app.UseWebSockets();
        var endpoint = app.Services.GetRequiredService<SocketEndpoint>();
        app.Map(SocketEndpoint.Path, endpoint.HandleAsync).AllowAnonymous().ExcludeFromDescription();
        app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<ConnectionRegistry>().CloseAll);
        return app;
    }
}
