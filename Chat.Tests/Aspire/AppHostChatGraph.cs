using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Chat.Tests.Graph;

namespace Chat.Tests.Aspire;

/// <summary>
/// What the AppHost runs, run for real: each replica of each service as a process. It has data and ports of its own, so that it
/// doesn't meet a graph that somebody works with.
/// </summary>
public abstract class AppHostChatGraph : IChatGraph, IAsyncLifetime
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private IReadOnlyList<Uri> _apis = [];
    private RunningAppHost? _running;

    public IReadOnlyList<Uri> Apis
    {
        get
        {
            SkipWhereItCantRun();
            return _apis;
        }
    }

    public abstract string JwtKey { get; }

    public abstract string CallbackKey { get; }

    public DistributedApplication App => Running.App;

    /// <summary>How long it may take from the start to the health of everything.</summary>
    protected abstract TimeSpan StartTimeout { get; }

    /// <summary>The AppHost's arguments.</summary>
    protected abstract string[] Arguments { get; }

    /// <summary>The resources that are processes of ours.</summary>
    protected abstract IReadOnlyList<string> Services { get; }

    /// <summary>The service that serves the API.</summary>
    protected abstract string Api { get; }

    /// <summary>The resources that are containers.</summary>
    protected virtual IReadOnlyList<string> Servers => [];

    /// <summary>Whether this machine and this build can run it.</summary>
    protected bool CanRun { get; private set; }

    private RunningAppHost Running
    {
        get
        {
            SkipWhereItCantRun();
            return _running ?? throw new InvalidOperationException("It is stopped.");
        }
    }

    public async ValueTask InitializeAsync()
    {
        CanRun = await CanRunAsync();
        if (CanRun) await StartAsync();
    }

    /// <summary>Starts everything, or what was killed or stopped of it; answers once each replica is healthy.</summary>
    public async Task StartAsync()
    {
        SkipWhereItCantRun();
        using var deadline = new CancellationTokenSource(StartTimeout);
        if (_running is null)
        {
            _running = await RunningAppHost.StartAsync(Arguments, deadline.Token);
        }
        else
        {
            foreach (var replica in _running.Of(Services).Where(IsOver).ToList())
            {
                await CommandAsync(replica.ResourceId, KnownResourceCommands.StartCommand);
            }
        }
        await WaitUntilHealthyAsync(deadline.Token);
    }

    /// <summary>Ends every process of every service at once; the servers go on.</summary>
    public Task KillAsync() => KillAsync(Running.Of(Services));

    /// <summary>Ends one replica, as <c>kill -9</c> does, and answers with its id.</summary>
    public async Task<string> KillOneAsync(string service)
    {
        var replica = Running.Of(service).First(r => !IsOver(r));
        await KillAsync([replica]);
        return replica.ResourceId;
    }

    /// <summary>Runs a command of the dashboard on a resource or a replica: start, stop, restart.</summary>
    public async Task CommandAsync(string resource, string command)
    {
        var result = await App.ResourceCommands.ExecuteCommandAsync(resource, command, TestContext.Current.CancellationToken);
        Assert.True(result.Success, $"{command} {resource}: {result.Message}");
    }

    /// <summary>Waits until each server is healthy, and each replica of each service too.</summary>
    public async Task WaitUntilHealthyAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartTimeout);
        var ct = deadline.Token;
        foreach (var server in Servers)
        {
            // A server that was restarted may still be shown in the state it passed through, which says nothing of its end.
            await App.ResourceNotifications.WaitForResourceHealthyAsync(server, WaitBehavior.WaitOnResourceUnavailable, ct);
        }
        foreach (var service in Services)
        {
            await Until.TrueAsync(
                () => Running.Of(service) is { Count: > 0 } replicas && replicas.All(r => IsRunning(r) && AddressOf(r) is not null),
                $"{service} is running",
                StartTimeout);
            foreach (var replica in Running.Of(service))
            {
                var health = new Uri(AddressOf(replica)!, HealthOf(service));
                await Until.TrueAsync(() => IsHealthyAsync(health, ct), $"{replica.ResourceId} is healthy", StartTimeout);
            }
        }
        _apis = [.. Running.Of(Api).Select(r => AddressOf(r)!)];
    }

    /// <summary>Ends everything as Ctrl+C does, and answers with what it had run on; the data stays.</summary>
    public async Task<(IReadOnlyList<string> Containers, IReadOnlyList<int> Processes)> StopAsync()
    {
        var running = Running;
        var containers = running.Of(Servers).Select(r => (string)Property(r, "container.id")!).ToList();
        // The orchestrator watches over the process that started it, which is this one.
        var orchestrator = ProcessTree.WithArguments($"--monitor {Environment.ProcessId}");
        Assert.True(orchestrator.Count > 0 || !OperatingSystem.IsLinux(), "The orchestrator was not found.");
        var processes = running.Of(Services).Select(ProcessId).Concat(orchestrator).SelectMany(ProcessTree.Of).Distinct().ToList();
        _running = null;
        await running.DisposeAsync();
        return (containers, processes);
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is not null) await _running.DisposeAsync();
        if (CanRun) await DeleteDataAsync();
        _http.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<bool> CanRunAsync();

    protected abstract Task DeleteDataAsync();

    /// <summary>Says what is missing, where something is.</summary>
    protected abstract void SkipWhereItCantRun();

    /// <summary>What a service answers with 200 once it is healthy.</summary>
    protected virtual string HealthOf(string service) => "/health";

    /// <summary>Where a service's first replica is.</summary>
    protected Uri AddressOf(string service) => AddressOf(Running.Of(service)[0])!;

    private async Task KillAsync(IEnumerable<ResourceEvent> replicas)
    {
        var alive = replicas.Where(r => !IsOver(r)).ToList();
        // The orchestrator's process may be `dotnet run`, and the service a child of it.
        foreach (var replica in alive)
        {
            using var process = Process.GetProcessById(ProcessId(replica));
            process.Kill(entireProcessTree: true);
        }
        // What it takes for running can't be started.
        await Until.TrueAsync(
            () => Running.Of(Services).Where(r => alive.Any(a => a.ResourceId == r.ResourceId)).All(IsOver),
            "the orchestrator has seen the end of what was killed");
    }

    private static bool IsRunning(ResourceEvent replica) => replica.Snapshot.State?.Text == KnownResourceStates.Running;

    private static bool IsOver(ResourceEvent replica) => KnownResourceStates.TerminalStates.Contains(replica.Snapshot.State?.Text);

    private static int ProcessId(ResourceEvent replica) =>
        Convert.ToInt32(Property(replica, "executable.pid"), CultureInfo.InvariantCulture);

    private static object? Property(ResourceEvent resource, string name) =>
        resource.Snapshot.Properties.FirstOrDefault(p => p.Name == name)?.Value;

    // A replica's own address; the resource's leads to any of them.
    private static Uri? AddressOf(ResourceEvent replica) =>
        replica.Snapshot.EnvironmentVariables.FirstOrDefault(v => v.Name == "ASPNETCORE_URLS")?.Value is { Length: > 0 } urls
            ? new Uri(urls.Split(';')[0])
            : null;

    private async Task<bool> IsHealthyAsync(Uri health, CancellationToken ct)
    {
        try
        {
            using var response = await _http.GetAsync(health, ct);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
