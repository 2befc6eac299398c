namespace Chat.Core.Engines;

/// <summary>
/// Finds, among many things that are done together, those that are refused: what can't be done is halved, and each half is done
/// by itself, in order, until one thing is left. Of n things of which k are refused, that takes at most 1 + 2·k·⌈log₂ n⌉ calls.
/// </summary>
public static class Bisection
{
    /// <summary>Does all that isn't refused.</summary>
    /// <param name="items">In the order in which they are to be done; may be empty.</param>
    /// <param name="action">Does some of them, next to each other in the list; may be called again for what it did partly.</param>
    /// <param name="isRefusal">Whether what the action threw is the fault of what it was given; anything else is thrown on.</param>
    /// <param name="refused">Called with each thing that is refused alone, before what comes after it is done.</param>
    public static async Task RunAsync<T>(
        IReadOnlyList<T> items,
        Func<IReadOnlyList<T>, Task> action,
        Func<Exception, bool> isRefusal,
        Func<T, Exception, Task> refused)
    {
        var undone = new Stack<IReadOnlyList<T>>();
        if (items.Count > 0) undone.Push(items);
        while (undone.TryPop(out var part))
        {
            Exception refusal;
            try
            {
                await action(part);
                continue;
            }
            catch (Exception exception) when (isRefusal(exception))
            {
                refusal = exception;
            }
            if (part.Count == 1)
            {
                await refused(part[0], refusal);
                continue;
            }
            var half = part.Count / 2;
            undone.Push([.. part.Skip(half)]);
            undone.Push([.. part.Take(half)]);
        }
    }

    /// <summary>Does all that no engine refuses.</summary>
    /// <inheritdoc cref="RunAsync{T}(IReadOnlyList{T}, Func{IReadOnlyList{T}, Task}, Func{Exception, bool}, Func{T, Exception, Task})"/>
    public static Task RunAsync<T>(
        IReadOnlyList<T> items, Func<IReadOnlyList<T>, Task> action, Func<T, Exception, Task> refused) =>
        RunAsync(items, action, exception => exception is EngineRefusedException, refused);

    /// <inheritdoc cref="RunAsync{T}(IReadOnlyList{T}, Func{IReadOnlyList{T}, Task}, Func{T, Exception, Task})"/>
    public static Task RunAsync<T>(
        IReadOnlyList<T> items, Func<IReadOnlyList<T>, Task> action, Action<T, Exception> refused) =>
        RunAsync(
            items,
            action,
            (item, exception) =>
            {
                refused(item, exception);
                return Task.CompletedTask;
            });
}
