namespace Chat.Core.Time;

/// <summary>Keeps waits on the caller's scheduler, where the framework's own would continue on the thread pool.</summary>
public static class TaskExtensions
{
    /// <summary>
    /// Ends when <paramref name="task"/> has ended, however it did. A task that asks for asynchronous continuations, as a
    /// cancelled delay does, completes <c>Task.WhenAny</c> and <c>WaitAsync</c> on the thread pool; the task returned here
    /// completes them on the scheduler it was made on.
    /// </summary>
    public static async Task WaitQuietlyAsync(this Task task) =>
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
