using Chat.Core.Channels;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <summary>
/// The servers, and the services outside Development: two of Chat.Api, two of Chat.StatusWorker, one Chat.RouterWorker and one
/// Chat.Connectors for each channel. Each is a process, and ends with the fleet.
/// </summary>
internal sealed class Fleet : IDisposable
{
    private Fleet(ServerOptions options, string folder) => (Servers, Services) = (new(options, folder), new(options, folder));

    public Servers Servers { get; }

    public Services Services { get; }

    public IReadOnlyList<(ChildProcess Process, Uri Address)> Apis { get; private set; } = [];

    public IReadOnlyList<(ChildProcess Process, Uri Address)> Workers { get; private set; } = [];

    public HttpClient Http { get; } =
        new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>Waits until all are healthy.</summary>
    /// <param name="prepare">Done with the servers before any service starts.</param>
    public static async Task<Fleet> StartAsync(
        ServerOptions options, string folder, CancellationToken cancellationToken, Func<Task>? prepare = null)
    {
        var fleet = new Fleet(options, folder);
        try
        {
            await fleet.StartAsync(prepare, cancellationToken);
            return fleet;
        }
        catch
        {
            fleet.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Http.Dispose();
        Services.Dispose();
        Servers.Dispose();
    }

    private async Task StartAsync(Func<Task>? prepare, CancellationToken cancellationToken)
    {
        Progress.Say("starting the servers");
        await Servers.StartAsync(cancellationToken);
        if (prepare is not null) await prepare();
        Progress.Say("starting the services");
        Apis = [Services.Start("Chat.Api", "api-1"), Services.Start("Chat.Api", "api-2")];
        Workers = [Services.Start("Chat.StatusWorker", "status-worker-1"), Services.Start("Chat.StatusWorker", "status-worker-2")];
        Services.Start("Chat.RouterWorker", "router-worker");
        foreach (var channel in ChannelCatalog.Names)
            Services.Start("Chat.Connectors", $"connector-{channel}", ("Connectors__Run__0", channel));
        await Services.WaitAsync(cancellationToken);
    }
}
