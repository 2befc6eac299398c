using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Chat.Core.Channels;
using Microsoft.Extensions.Hosting;

namespace Chat.LoadTest.Distributed;

/// <summary>
/// The built services as processes of their own, on loopback ports, with their connection strings in environment variables, as
/// any orchestrator starts them.
/// </summary>
internal sealed class Services(ServerOptions servers, string folder) : IDisposable
{
    public const string JwtKey = "a key of the load test, which is long enough for HS256";

    /// <summary>What a service is started with, as its image is and by the AppHost.</summary>
    public static (string Variable, string Value) Generation0Of(string program) =>
        ("DOTNET_GCgen0size", program == "Chat.Api" ? "0x400000" : "0x1000000");

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(10);

    private readonly List<(ChildProcess Process, Uri Address)> _all = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>All that were started.</summary>
    public IEnumerable<ChildProcess> All => _all.Select(s => s.Process);

    private Dictionary<string, string> Connections => new()
    {
        ["ConnectionStrings__kafka"] = servers.Kafka,
        ["ConnectionStrings__redis"] = servers.Redis,
        ["ConnectionStrings__cassandra"] = servers.CassandraConnection,
    };

    /// <summary>Seconds that each has used.</summary>
    public IEnumerable<(string Name, double CpuSeconds)> Cpu => All.Select(s => (s.Name, s.CpuSeconds));

    /// <summary>The key that a channel's status callbacks come with.</summary>
    public static string CallbacksKeyOf(string channel) => $"the callback key of the load test for {channel}";

    /// <summary>
    /// Starts one, as <c>Chat.StatusWorker</c>, under a name of its own; does not wait for it. A setting is an environment variable,
    /// or an argument where it begins with two hyphens.
    /// </summary>
    public (ChildProcess Process, Uri Address) Start(string program, string name, params (string Variable, string Value)[] settings)
    {
        var file = FileOf(program);
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = Environments.Production,
            ["DOTNET_ENVIRONMENT"] = Environments.Production,
            ["Jwt__Key"] = JwtKey,
            ["ASPNETCORE_URLS"] = address.GetLeftPart(UriPartial.Authority),
        };
        var (generation0, size) = Generation0Of(program);
        environment[generation0] = size;
        foreach (var (variable, value) in Connections) environment[variable] = value;
        foreach (var channel in ChannelCatalog.Names) environment[$"Callbacks__Keys__{channel}"] = CallbacksKeyOf(channel);
        settings = [.. servers.Replication, .. settings];
        foreach (var (variable, value) in settings)
        {
            if (!variable.StartsWith("--", StringComparison.Ordinal)) environment[variable] = value;
        }
        // The shell does not pass on a variable with dots in its name; such a setting becomes an argument.
        var arguments = string.Concat(settings
            .Where(s => s.Variable.StartsWith("--", StringComparison.Ordinal))
            .Select(s => $" '{s.Variable}={s.Value}'"));
        var process = new ChildProcess(name, $"dotnet \"{file}\"{arguments}", environment, folder);
        process.Start();
        _all.Add((process, address));
        return (process, address);
    }

    /// <summary>Waits until each reports itself and what it depends on as healthy.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        foreach (var (process, address) in _all)
        {
            await Until.TrueAsync(
                async () => process.HasExited
                    ? throw new InvalidOperationException($"{process.Name} ended at its start; see {process.LogFile}.")
                    : await IsHealthyAsync(address, cancellationToken),
                $"{process.Name} is healthy (see {process.LogFile})",
                StartTimeout,
                cancellationToken);
        }
    }

    /// <summary>Runs Chat.Tools until it ends, and answers with what it printed.</summary>
    public async Task<string> RunToolAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [FileOf("Chat.Tools"), .. arguments]) { RedirectStandardOutput = true };
        foreach (var (variable, value) in Connections) start.Environment[variable] = value;
        using var tool = Process.Start(start)!;
        try
        {
            var output = await tool.StandardOutput.ReadToEndAsync(cancellationToken);
            await tool.WaitForExitAsync(cancellationToken);
            return tool.ExitCode == 0 ? output : throw new InvalidOperationException($"Chat.Tools ended with {tool.ExitCode}.");
        }
        finally
        {
            if (!tool.HasExited) tool.Kill(entireProcessTree: true);
        }
    }

    public void Dispose()
    {
        foreach (var (process, _) in _all) process.Dispose();
        _http.Dispose();
    }

    private async Task<bool> IsHealthyAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(address, "/health"), cancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception)
            when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static string FileOf(string program)
    {
        var file = Path.Combine(
            AppContext.BaseDirectory.Replace("Chat.LoadTest", program, StringComparison.Ordinal), $"{program}.dll");
        return File.Exists(file) ? file : throw new FileNotFoundException($"{program} is not built.", file);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
