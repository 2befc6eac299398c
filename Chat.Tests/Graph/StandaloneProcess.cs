using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Chat.Tests.Graph;

/// <summary>
/// The built Chat.Standalone as a process of its own, on a loopback port and a data folder of its own; it can be killed and
/// started again on the same of both.
/// </summary>
public sealed partial class StandaloneProcess : IChatGraph, IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    // The program's own output folder, not the tests': what a person runs.
    private static readonly string Program = Path.Combine(
        AppContext.BaseDirectory.Replace("Chat.Tests", "Chat.Standalone", StringComparison.Ordinal), "Chat.Standalone.dll");

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Dictionary<string, string?> _settings = new()
    {
        ["Jwt__Key"] = "the key of the graph tests, which is long enough for HS256",
        ["Callbacks__Keys__whatsapp"] = "the callback key of the graph tests",
        ["DOTNET_ENVIRONMENT"] = null,
        ["ASPNETCORE_ENVIRONMENT"] = null,
        ["ASPNETCORE_URLS"] = null,
    };

    private Process? _process;
    private Uri? _api;
    private ConcurrentQueue<string> _output = new();

    public string DataFolder { get; } = Path.Combine(Path.GetTempPath(), $"chat-tests-{Guid.NewGuid():N}");

    public IReadOnlyList<Uri> Apis => [_api ?? throw new InvalidOperationException("It was never started.")];

    public string JwtKey => _settings["Jwt__Key"]!;

    public string CallbackKey => _settings["Callbacks__Keys__whatsapp"]!;

    /// <summary>What it printed since its last start.</summary>
    public IReadOnlyList<string> Output => [.. _output];

    public int ProcessId => Running.Id;

    private Process Running => _process ?? throw new InvalidOperationException("It was not started.");

    /// <summary>Sets an environment variable of the process, for its next start; null takes it away.</summary>
    public void Set(string variable, string? value) => _settings[variable] = value;

    public async ValueTask InitializeAsync() => await StartAsync();

    public async Task StartAsync()
    {
        // The first time wherever there is a place; then at the same one, as clients expect.
        Launch("--urls", _api?.GetLeftPart(UriPartial.Authority) ?? "http://127.0.0.1:0");
        await Until.TrueAsync(
            async () =>
            {
                if (Running.HasExited)
                    Assert.Fail($"It ended at its start:{Environment.NewLine}{string.Join(Environment.NewLine, _output)}");
                _api ??= AddressOf(_output);
                return _api is not null && await IsHealthyAsync(_api);
            },
            "Chat.Standalone is healthy",
            StartTimeout);
    }

    /// <summary>Starts it with these arguments (and the data folder, unless they name one) and answers with its exit code.</summary>
    public async Task<int> RunToEndAsync(params string[] args)
    {
        Launch(args);
        await WaitForExitAsync();
        return Running.ExitCode;
    }

    public async Task KillAsync()
    {
        Running.Kill();
        await WaitForExitAsync();
    }

    /// <summary>Sends a signal by name (INT, as Ctrl+C does, or TERM) and answers with the exit code.</summary>
    public async Task<int> EndAsync(string signal)
    {
        using (var kill = Process.Start("kill", [$"-{signal}", Running.Id.ToString()]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        await WaitForExitAsync();
        return Running.ExitCode;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process?.Dispose();
        _http.Dispose();
        if (Directory.Exists(DataFolder)) Directory.Delete(DataFolder, recursive: true);
    }

    private void Launch(params string[] args)
    {
        Assert.True(File.Exists(Program), $"{Program} is not built.");
        var output = new ConcurrentQueue<string>();
        // Tests that run in a shell's background ignore SIGINT, and so would whatever they start.
        var start = new ProcessStartInfo(OperatingSystem.IsLinux() ? "env" : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        if (OperatingSystem.IsLinux())
        {
            start.ArgumentList.Add("--default-signal=INT");
            start.ArgumentList.Add("dotnet");
        }
        start.ArgumentList.Add(Program);
        foreach (var arg in args) start.ArgumentList.Add(arg);
        if (!args.Contains("--data"))
        {
            start.ArgumentList.Add("--data");
            start.ArgumentList.Add(DataFolder);
        }
        foreach (var (name, value) in _settings)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        _process?.Dispose();
        _process = Process.Start(start)!;
        _output = output;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        void Keep(string? line)
        {
            if (line is not null) output.Enqueue(line);
        }
    }

    private Task WaitForExitAsync() =>
        Running.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(StartTimeout, TestContext.Current.CancellationToken);

    private static Uri? AddressOf(IEnumerable<string> output) =>
        output.Select(line => Address().Match(line)).FirstOrDefault(m => m.Success) is { } found ? new(found.Groups[1].Value) : null;

    private async Task<bool> IsHealthyAsync(Uri api)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(api, "/health"), TestContext.Current.CancellationToken);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            // It listens already, but this machine is too busy for it to answer yet.
            return false;
        }
    }

    [GeneratedRegex("^  (?:open|api)  +(http://[^/ ]+)")]
    private static partial Regex Address();
}
