using System.Diagnostics;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.InProcess;

/// <summary>
/// A benchmark's clients: this program again, as another process, so that their CPU is told apart. The two talk in lines.
/// </summary>
internal sealed class ChildProgram : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;

    private ChildProgram(Process process) => _process = process;

    public static ChildProgram Start(params IReadOnlyList<string> arguments) => new(Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!,
        [
            .. Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet"
                ? [typeof(ChildProgram).Assembly.Location]
                : Array.Empty<string>(),
            .. arguments,
        ])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
    })!);

    /// <inheritdoc cref="ChildProcess.CpuSeconds"/>
    public double CpuSeconds => ChildProcess.CpuSecondsOf(_process.Id);

    public Task SayAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>The next line, which begins so.</summary>
    /// <param name="takes">How long what it says the end of takes by itself; it has some minutes more.</param>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public async Task<string> ExpectAsync(string prefix, CancellationToken cancellationToken, TimeSpan takes = default)
    {
        var timeout = Patience + takes;
        string? line;
        try
        {
            line = await _process.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(timeout, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The clients did not say {prefix.TrimEnd()} within {timeout.TotalSeconds:F0} s.", exception);
        }
        return line?.StartsWith(prefix, StringComparison.Ordinal) == true
            ? line
            : throw new InvalidOperationException($"The clients said '{line}' instead of {prefix}.");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
