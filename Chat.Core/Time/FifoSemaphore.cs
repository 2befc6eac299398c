namespace Chat.Core.Time;

/// <summary>
/// Lets a bounded number in, the others in the order they came. Like <see cref="SemaphoreSlim"/>, but a caller that waited
/// continues on its own scheduler and not on the thread pool.
/// </summary>
public sealed class FifoSemaphore(int places)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = new();
    private int _free = places;

    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> turn;
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }
            turn = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        using (cancellationToken.Register(() => GiveUp(turn, cancellationToken))) await turn.Value.Task;
    }

    /// <summary>Gives the place to the caller that has waited longest.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (_waiting.First is { } next)
            {
                _waiting.Remove(next);
                next.Value.SetResult();
            }
            else _free++;
        }
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource> turn, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Without a list, it has got its place already.
            if (turn.List is null) return;
            _waiting.Remove(turn);
            turn.Value.SetCanceled(cancellationToken);
        }
    }
}
