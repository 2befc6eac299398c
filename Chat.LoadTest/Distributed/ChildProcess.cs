using System.Diagnostics;
using System.Globalization;

namespace Chat.LoadTest.Distributed;

/// <summary>
/// A program that is started by a shell command, which execs it, so that the pid is the program's. It can be killed and started
/// again by the same command. What it prints goes to a file, which is its own: what an earlier run wrote to it goes away.
/// </summary>
internal sealed class ChildProcess(string name, string command, IReadOnlyDictionary<string, string>? environment, string folder)
    : IDisposable
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux of today

    private Process? _process;

    public string Name { get; } = name;

    public string LogFile { get; } = Path.Combine(folder, $"{name}.log");

    public int Id => Running.Id;

    public bool HasExited => Running.HasExited;

    /// <summary>Seconds of CPU that the program has used since its start, user and kernel.</summary>
    public double CpuSeconds => CpuSecondsOf(Id);

    private Process Running => _process ?? throw new InvalidOperationException($"{Name} was not started.");

    public void Start()
    {
        var append = _process is null ? ">" : ">>";
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec {command} {append}\"$0\" 2>&1", LogFile]);
        foreach (var (variable, value) in environment ?? new Dictionary<string, string>()) start.Environment[variable] = value;
        _process?.Dispose();
        _process = Process.Start(start)!;
    }

    /// <summary>Seconds of CPU that a process has used since its start, user and kernel.</summary>
    public static double CpuSecondsOf(int id)
    {
        // After the name, which may hold anything, in brackets: state is the third field, utime and stime the 14th and 15th.
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[11..13].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>The last that it printed.</summary>
    public string LastLine() => File.ReadLines(LogFile).LastOrDefault(line => line.Length > 0) ?? "it said nothing";

    /// <summary><c>kill -9</c>, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Running.Kill();
        await Running.WaitForExitAsync();
    }

    /// <summary>Sends a signal by name, as STOP or CONT.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process?.Dispose();
    }
}
