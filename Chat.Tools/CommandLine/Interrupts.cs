using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Chat.CommandLine;

/// <summary>
/// SIGINT (Ctrl+C) and SIGTERM cancel, so that what a program has started ends with it, and what it has found out is told. Another one, a
/// second later or more, ends the program at once, as it would without this.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    // "dotnet run" and "timeout" pass on what the whole group got already: one request, and two signals.
    private static readonly TimeSpan OneRequest = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _cancel = new();
    private readonly PosixSignalRegistration _interrupt, _terminate;
    private long _first;

    public Interrupts()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
    }

    public CancellationToken Token => _cancel.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _cancel.Dispose();
    }

    private void Cancel(PosixSignalContext signal)
    {
        var now = Stopwatch.GetTimestamp();
        var first = Interlocked.CompareExchange(ref _first, now, 0);
        if (first != 0 && Stopwatch.GetElapsedTime(first, now) >= OneRequest) return;
        signal.Cancel = true;
        if (first == 0) _cancel.Cancel();
    }
}
