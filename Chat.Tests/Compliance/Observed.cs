namespace Chat.Tests.Compliance;

/// <summary>What a test has seen so far, in the order seen; waits for a condition on it instead of sleeping.</summary>
public sealed class Observed<T>
{
    private readonly Lock _gate = new();
    private readonly List<T> _items = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<T> Items
    {
        get
        {
            lock (_gate) return [.. _items];
        }
    }

    public void Add(T item)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _items.Add(item);
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.SetResult();
    }

    public void AddRange(IEnumerable<T> items)
    {
        foreach (var item in items) Add(item);
    }

    /// <summary>Waits until the condition holds and answers with what was seen then; fails after the deadline.</summary>
    public async Task<IReadOnlyList<T>> UntilAsync(Func<IReadOnlyList<T>, bool> condition, string what)
    {
        using var deadline = new Deadline();
        while (true)
        {
            Task changed;
            T[] items;
            lock (_gate)
            {
                items = [.. _items];
                changed = _changed.Task;
            }
            if (condition(items)) return items;
            try
            {
                await changed.WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException) when (deadline.Passed)
            {
                Assert.Fail($"Waited in vain for {what}; seen so far: {items.Length} [{string.Join(", ", items.Take(20))}]");
            }
        }
    }

    public Task<IReadOnlyList<T>> CountAsync(int count, string what) => UntilAsync(items => items.Count >= count, what);
}
