using System.Diagnostics;

namespace Chat.Tests.Graph;

/// <summary>Waits for something to become true, and says what didn't where it takes too long.</summary>
internal static class Until
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? within = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, within);

    public static Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null) =>
        TrueAsync(condition, () => what, within);

    /// <param name="what">Asked once it has taken too long: it may say how far it came.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan? within = null)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > (within ?? Deadline)) Assert.Fail($"Not within {within ?? Deadline}: {what()}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
