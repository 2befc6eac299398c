using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Chat.MetaSimulator.Hosting;

/// <summary>The simulator beside what else runs in this process, on a loopback port; it reads no configuration.</summary>
public sealed class LoopbackSimulator : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackSimulator(WebApplication app, Uri address)
    {
        (_app, Address) = (app, address);
    }

    /// <summary>Where it is, without a path.</summary>
    public Uri Address { get; }

    /// <summary>The world itself, for a test that asks more than the control API tells.</summary>
    public Simulator Simulator => _app.Services.GetRequiredService<Simulator>();

    /// <param name="port">0 for any free one.</param>
    /// <param name="seed">Null for another one at each start.</param>
    /// <param name="time">Null for the system's clock.</param>
    /// <param name="localLinks">Whether links are fetched from this machine and its network too.</param>
    /// <param name="logging">Where its warnings go; null for nowhere.</param>
    public static async Task<LoopbackSimulator> StartAsync(
        int port = 0,
        int? seed = null,
        TimeProvider? time = null,
        bool localLinks = false,
        Action<ILoggingBuilder>? logging = null,
        CancellationToken cancellationToken = default)
    {
        // Settings of this process (its addresses, its log levels) are another program's.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        logging?.Invoke(builder.Logging.SetMinimumLevel(LogLevel.Warning));
        if (time is not null) builder.Services.AddSingleton(time);
        builder.AddMetaSimulator();
        builder.Services.Configure<SimulatorOptions>(options => (options.Seed, options.LocalLinks) = (seed, localLinks));
        var app = builder.Build();
        try
        {
            app.UseRouting();
            app.MapMetaSimulator();
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new(app, new(addresses.Addresses.First()));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
