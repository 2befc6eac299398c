using System.Diagnostics;

namespace Chat.LoadTest.Faults;

/// <summary>Begins something at a rate, as a real sender does: while too much of it waits for its answer no more begins.</summary>
internal static class SteadyPace
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// What a sender has under way at the same time; many more that try again would keep servers busy that are short of time already.
    /// </summary>
    public static int MaxWaiting(double rate) => (int)Math.Max(20, 2 * rate);

    /// <summary>Until it is stopped, or no more is wanted.</summary>
    /// <param name="isWanted">Whether there is more to begin.</param>
    /// <param name="hasRoom">Whether the next may begin now.</param>
    public static async Task RunAsync(
        double rate, Func<bool> isWanted, Func<bool> hasRoom, Action begin, CancellationToken stop, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick);
        var due = 0.0;
        var last = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested && isWanted() && await timer.WaitForNextTickAsync(cancellationToken))
        {
            due += rate * Stopwatch.GetElapsedTime(last).TotalSeconds;
            last = Stopwatch.GetTimestamp();
            for (; due >= 1 && hasRoom() && isWanted(); due--) begin();
            due = Math.Min(due, Math.Max(1, rate * 0.1)); // what could not begin in time is not posted in a burst later
        }
    }

    /// <summary>Looks again at each tick.</summary>
    public static async Task WaitAsync(Func<bool> isDone, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick);
        while (!isDone()) await timer.WaitForNextTickAsync(cancellationToken);
    }
}
