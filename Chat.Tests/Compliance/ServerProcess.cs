using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Chat.Tests.Compliance;

/// <summary>A server that a test started itself, on a loopback port of its own; may be killed and started again on the same port.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(2);

    private readonly ProcessStartInfo _start;
    private Process? _process;

    /// <param name="port">Where the server accepts connections once it is up.</param>
    public ServerProcess(int port, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        Port = port;
        _start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) _start.Environment[name] = value;
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Starts the server and waits until it accepts connections.</summary>
    public async Task StartAsync()
    {
        _process = Process.Start(_start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var deadline = new Deadline(LongestStart);
        while (!await AcceptsAsync(deadline.Token))
        {
            Assert.False(_process.HasExited, $"{_start.FileName} ended with code {(_process.HasExited ? _process.ExitCode : 0)}");
            await Task.Delay(20, deadline.Token);
        }
    }

    /// <summary>Sends a signal by name: TERM asks it to stop, STOP makes it hang with all its connections open, until CONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process!.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits until it has ended by itself, and answers with its exit code.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        await _process!.WaitForExitAsync().WaitAsync(within);
        return _process.ExitCode;
    }

    /// <summary>Ends it as a crash does, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    /// <summary>The first of <paramref name="count"/> neighbouring ports that nobody has.</summary>
    public static int FreePorts(int count = 1)
    {
        while (true)
        {
            var first = Random.Shared.Next(20_000, 32_000);
            var open = new List<TcpListener>();
            try
            {
                for (var i = 0; i < count; i++)
                {
                    open.Add(new(IPAddress.Loopback, first + i));
                    open[i].Start();
                }
                return first;
            }
            catch (SocketException)
            {
                // Somebody has one of them.
            }
            finally
            {
                foreach (var listener in open) listener.Dispose();
            }
        }
    }

    /// <summary>A program on the path, or null.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);

    private async Task<bool> AcceptsAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
