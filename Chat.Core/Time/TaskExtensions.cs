namespace Chat.Core.Time;

/// <summary>Keeps waits on the caller's scheduler, where the framework's own would go by the thread pool.</summary>
public static class TaskExtensions
{
    /// <summary>
    /// Ends when <paramref name="task"/> has ended, however it did. Unlike an <c>await</c>, <c>Task.WhenAny</c> and <c>WaitAsync</c> are
    /// told on the thread pool of a task that asks for asynchronous continuations, as a cancelled delay does; of this one they are told
    /// where it was made.
    /// </summary>
    public static async Task WaitQuietlyAsync(this Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
