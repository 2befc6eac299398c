using System.Diagnostics;

namespace Chat.LoadTest.Deployment;

/// <summary>
/// Begins something at each of the times of a steady rate, whether or not what was begun before has ended. Latencies that are counted
/// from these times leave out no wait that a slow server causes.
/// </summary>
internal static class OpenLoop
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>How many there are in all: known beforehand, one at least.</summary>
    public static long Count(double rate, TimeSpan duration) => Math.Max(1, (long)Math.Round(rate * duration.TotalSeconds));

    /// <param name="begin">Its number, from 0, and the timestamp of <see cref="Stopwatch"/> that it was due at. One call at a time.</param>
    public static async Task RunAsync(double rate, TimeSpan duration, Action<long, long> begin, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick);
        var count = Count(rate, duration);
        var started = Stopwatch.GetTimestamp();
        for (var next = 0L; next < count; await timer.WaitForNextTickAsync(cancellationToken))
        {
            var due = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * rate);
            for (; next <= due && next < count; next++) begin(next, started + (long)(next / rate * Stopwatch.Frequency));
        }
    }
}
