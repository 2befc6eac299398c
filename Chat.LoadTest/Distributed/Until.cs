using System.Diagnostics;

namespace Chat.LoadTest.Distributed;

internal static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks until it is so.</summary>
    /// <exception cref="TimeoutException">It was not so in time; the message says what.</exception>
    public static async Task TrueAsync(Func<Task<bool>> isSo, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(started) > timeout) throw new TimeoutException($"Not within {timeout.TotalSeconds:F0} s: {what}.");
            await Task.Delay(Pause, cancellationToken);
        }
    }
}
