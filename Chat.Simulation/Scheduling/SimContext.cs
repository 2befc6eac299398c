namespace Chat.Simulation.Scheduling;

/// <summary>
/// Where a process' code continues after an <c>await</c>. There is a new one for each step: a continuation then never finds its own
/// context current, so that it is always queued, and the seed decides when it runs.
/// </summary>
public sealed class SimContext(SimProcess process) : SynchronizationContext
{
    public SimProcess Process { get; } = process;

    public override void Post(SendOrPostCallback d, object? state) => Process.Scheduler.Post(Process, d, state);

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing may block.");

    public override SynchronizationContext CreateCopy() => new SimContext(Process);
}
