using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <summary>What is done to one process, and undone after a while.</summary>
/// <param name="Down">From the one to the other.</param>
/// <param name="IsPause">Stopped by SIGSTOP and continued, not killed and started again.</param>
/// <param name="CountsStored">Whether the store is read while it lasts, to count the facts that were written meanwhile.</param>
internal sealed record Fault(ChildProcess Process, TimeSpan Down, bool IsPause = false, bool CountsStored = false)
{
    public string Name => $"{(IsPause ? "SIGSTOP" : "`kill -9`")} of {Process.Name}";

    public Task BeginAsync() => IsPause ? Process.SignalAsync("STOP") : Process.KillAsync();

    public async Task EndAsync()
    {
        if (IsPause) await Process.SignalAsync("CONT");
        else Process.Start();
    }
}
