using System.Runtime.InteropServices;

namespace Chat.CommandLine;

/// <summary>
/// SIGINT (Ctrl+C) and SIGTERM cancel, so that what a program has started ends with it, and what it has found out is told. The second one
/// ends the program at once, as it would without this.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly PosixSignalRegistration _interrupt, _terminate;

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
        if (_cancel.IsCancellationRequested) return;
        signal.Cancel = true;
        _cancel.Cancel();
    }
}
