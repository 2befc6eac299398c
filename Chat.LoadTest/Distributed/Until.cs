using System.Diagnostics;

namespace Chat.LoadTest.Distributed;

internal static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>As <see cref="TrueAsync"/>, but where it did not hold in time that is only said.</summary>
    public static async Task TryAsync(Func<Task<bool>> condition, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            await TrueAsync(condition, what, timeout, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            Progress.Say(exception.Message);
        }
    }

    /// <summary>Polls until the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold in time; the message says what.</exception>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > timeout) throw new TimeoutException($"Not within {timeout.TotalSeconds:F0} s: {what}.");
            await Task.Delay(Pause, cancellationToken);
        }
    }
}
