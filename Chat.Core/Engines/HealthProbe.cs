using Chat.Core.Time;

namespace Chat.Core.Engines;

/// <summary>
/// What an engine's health check does to know whether the engine takes writes: at most once per <see cref="Interval"/>, however many
/// ask, and waited for <see cref="Patience"/> at most.
/// </summary>
/// <param name="probe">Writes something that leaves nothing behind; throws where that doesn't work.</param>
/// <param name="describe">What is wrong, in a few words that may be shown to anyone: no address, no path.</param>
public sealed class HealthProbe(Func<CancellationToken, Task> probe, Func<Exception, string> describe, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private Task<string?>? _latest;
    private Task? _running;
    private long _startedAt;

    /// <summary>Null where the engine takes writes, or did a moment ago; else what is wrong.</summary>
    public Task<string?> AskAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_latest is null || (_latest.IsCompleted && time.GetElapsedTime(_startedAt) >= Interval))
            {
                _startedAt = time.GetTimestamp();
                _latest = RunAsync();
            }
            return _latest.WaitAsync(cancellationToken);
        }
    }

    private async Task<string?> RunAsync()
    {
        try
        {
            // One that was given up may hang with the engine: no second one begins beside it.
            if (_running is not { IsCompleted: false }) _running = probe(CancellationToken.None);
            await _running.WaitAsync(Patience, time);
            return null;
        }
        catch (TimeoutException) when (_running is { IsCompleted: false } hanging)
        {
            _ = hanging.WaitQuietlyAsync();
            return $"no answer within {Patience.TotalSeconds} s";
        }
#pragma warning disable CA1031 // Whatever it is, it is what the probe is for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return describe(exception);
        }
    }
}
