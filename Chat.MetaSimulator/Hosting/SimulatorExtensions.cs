using Chat.MetaSimulator.Control;
using Chat.MetaSimulator.Graph;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.Page;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Chat.MetaSimulator.Hosting;

/// <summary>Meta in a process: the Graph API, its webhooks, the phone, and what a test asks of them.</summary>
public static class SimulatorExtensions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // A document of 100 MB and what surrounds it.
    private const long LargestBody = 110L << 20;

    public static WebApplicationBuilder AddMetaSimulator(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddOptions<SimulatorOptions>()
            .BindConfiguration(SimulatorOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<Simulator>();
        builder.Services.AddHttpClient(WebhookPump.Client, client => client.Timeout = Patience);
        builder.Services.AddHttpClient(LinkFetcher.Client)
            .ConfigurePrimaryHttpMessageHandler(services => new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                // A proxy would connect to whatever it is told.
                UseProxy = false,
                ConnectCallback = services.GetRequiredService<IOptions<SimulatorOptions>>().Value.LocalLinks
                    ? null
                    : PublicNetwork.ConnectAsync,
            });
        builder.Services.AddSingleton<LinkFetcher>();
        builder.Services.AddHostedService<WebhookPump>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = LargestBody);
        return builder;
    }

    public static WebApplication MapMetaSimulator(this WebApplication app)
    {
        app.Use(LoopbackHosts.RefuseOthers);
        app.MapPhonePage();
        app.MapControl();
        app.MapPeople();
        app.MapGraph();
        return app;
    }
}
