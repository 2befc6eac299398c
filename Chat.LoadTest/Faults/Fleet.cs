using Chat.Core.Channels;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <summary>Which services there are, beside one Chat.RouterWorker.</summary>
/// <param name="Apis">Instances of Chat.Api.</param>
/// <param name="Workers">Instances of Chat.StatusWorker.</param>
/// <param name="Connectors">Of each Chat.Connectors the channels that it runs.</param>
internal sealed record FleetPlan(int Apis, int Workers, IReadOnlyList<IReadOnlyList<string>> Connectors)
{
    public static FleetPlan OneOfEach { get; } = new(1, 1, [ChannelCatalog.Names]);

    public static FleetPlan TwoOfMost { get; } = new(2, 2, [.. ChannelCatalog.Names.Select(name => (string[])[name])]);

    /// <summary>Of every service, as <see cref="Services.Start"/> takes them.</summary>
    public IReadOnlyList<(string Variable, string Value)> Settings { get; init; } = [];
}

/// <summary>
/// The servers, and the services outside Development. Each is a process, and ends with the fleet.
/// </summary>
internal sealed class Fleet : IDisposable
{
    private readonly CommitLog _commitLog;

    private Fleet(ServerOptions options, string folder) => (Servers, Services, _commitLog) =
        (new(options, folder), new(options, folder), new(options));

    public Servers Servers { get; }

    public Services Services { get; }

    public IReadOnlyList<(ChildProcess Process, Uri Address)> Apis { get; private set; } = [];

    public IReadOnlyList<(ChildProcess Process, Uri Address)> Workers { get; private set; } = [];

    public HttpClient Http { get; } =
        new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>Waits until all are healthy.</summary>
    /// <param name="prepare">Done with the servers before any service starts.</param>
    public static async Task<Fleet> StartAsync(
        ServerOptions options, string folder, FleetPlan plan, CancellationToken cancellationToken, Func<Task>? prepare = null)
    {
        var fleet = new Fleet(options, folder);
        try
        {
            await fleet.StartAsync(plan, prepare, cancellationToken);
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

    private async Task StartAsync(FleetPlan plan, Func<Task>? prepare, CancellationToken cancellationToken)
    {
        Progress.Say("starting the servers");
        await Servers.StartAsync(cancellationToken);
        if (prepare is not null) await prepare();
        Progress.Say("starting the services");
        Apis = StartAll("Chat.Api", "api", plan.Apis, plan);
        Workers = StartAll("Chat.StatusWorker", "status-worker", plan.Workers, plan);
        Services.Start("Chat.RouterWorker", "router-worker", [.. plan.Settings]);
        foreach (var channels in plan.Connectors)
        {
            var run = channels.Select((channel, i) => ($"Connectors__Run__{i}", channel));
            Services.Start(
                "Chat.Connectors", plan.Connectors.Count == 1 ? "connector" : $"connector-{channels[0]}", [.. run, .. plan.Settings]);
        }
        await Services.WaitAsync(cancellationToken);
        await _commitLog.UseAsync(cancellationToken);
    }

    private (ChildProcess Process, Uri Address)[] StartAll(
        string program, string name, int count, FleetPlan plan) =>
        [.. Enumerable.Range(1, count).Select(i => Services.Start(program, count == 1 ? name : $"{name}-{i}", [.. plan.Settings]))];
}
