using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.ServiceDefaults;

/// <summary>
/// Kills the process where it is still there some time after the signal to stop: what was acknowledged survives a kill, and an orderly
/// stop that hangs keeps the next process waiting. On a thread of its own, since what hangs may hold all threads of the pool.
/// </summary>
internal sealed partial class StopDeadline : IHostedService, IDisposable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT];

    // A log may be what hangs.
    private static readonly TimeSpan LastLine = TimeSpan.FromMilliseconds(300);

    private readonly TimeSpan _deadline;
    private readonly Action _kill;
    private readonly ILogger<StopDeadline> _logger;
    private readonly PosixSignalRegistration[] _registrations;
    private int _begun;

    public StopDeadline(ILogger<StopDeadline> logger)
        : this(Shutdown.Deadline, static () => Process.GetCurrentProcess().Kill(), logger)
    {
    }

    internal StopDeadline(TimeSpan deadline, Action kill, ILogger<StopDeadline> logger)
    {
        (_deadline, _kill, _logger) = (deadline, kill, logger);
        // What the signal does is left to the host.
        _registrations = [.. Signals.Select(s => PosixSignalRegistration.Create(s, _ => Begin()))];
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The thread stays: disposing of the services that come after this one may hang as well.
    public void Dispose()
    {
        foreach (var registration in _registrations) registration.Dispose();
    }

    internal void Begin()
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0) return;
        StartThread(() =>
        {
            Thread.Sleep(_deadline);
            StartThread(() => LogKilled(_deadline)).Join(LastLine);
            _kill();
        });
    }

    private static Thread StartThread(Action run)
    {
        var thread = new Thread(() => run()) { IsBackground = true, Name = "stop deadline" };
        thread.Start();
        return thread;
    }

    [LoggerMessage(
        EventId = LogEvents.Killed,
        Level = LogLevel.Critical,
        Message = "Not everything stopped within {Deadline}: this process is killed. What was acknowledged is kept; what was being "
            + "processed is processed again")]
    private partial void LogKilled(TimeSpan deadline);
}
