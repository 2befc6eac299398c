using System.Diagnostics;
using Chat.Tests.Graph;

namespace Chat.Tests.Tools;

/// <summary>A program of this repository as a shell starts it, to be sent signals; Linux.</summary>
internal sealed class SignalledProgram : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output, _error;

    public SignalledProgram(string program, string[] args, string? folder = null, params (string Name, string Value)[] environment)
    {
        // Tests that run in a shell's background ignore SIGINT, and so would whatever they start.
        var start = new ProcessStartInfo(
            "env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = Process.Start(start)!;
        (_output, _error) = (_process.StandardOutput.ReadToEndAsync(Cancellation), _process.StandardError.ReadToEndAsync(Cancellation));
    }

    public bool HasExited => _process.HasExited;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="signal">By name: INT, as Ctrl+C sends it, or TERM.</param>
    public async Task SendAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(Cancellation);
    }

    public async Task<(int Code, string Output, string Error)> WaitAsync()
    {
        await _process.WaitForExitAsync(Cancellation).WaitAsync(Until.Deadline, Cancellation);
        return (_process.ExitCode, await _output, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
