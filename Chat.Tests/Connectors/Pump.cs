using System.Collections.Concurrent;

namespace Chat.Tests.Connectors;

/// <summary>
/// One thread for everything that awaits: a test lets the code run until nothing more can happen, then moves the clock. So
/// nothing depends on how fast the machine is.
/// </summary>
internal sealed class Pump : SynchronizationContext
{
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _work = new();

    public override void Post(SendOrPostCallback d, object? state) => _work.Enqueue((d, state));

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Does <paramref name="start"/>, and everything that follows from it, on this thread.</summary>
    public T Run<T>(Func<T> start)
    {
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            var result = start();
            while (_work.TryDequeue(out var work)) work.Callback(work.State);
            return result;
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public void Run(Action start) => Run(() =>
    {
        start();
        return true;
    });
}
