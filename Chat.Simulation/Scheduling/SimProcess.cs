namespace Chat.Simulation.Scheduling;

/// <summary>
/// What can die at once: a worker, an API instance, a client. All its code runs in its own <see cref="SimContext"/>, so that killing
/// it means that none of its code ever runs again, wherever it waits; what it sent before may still arrive.
/// </summary>
public sealed class SimProcess
{
    private readonly List<Action> _onDeath = [];

    internal SimProcess(SimScheduler scheduler, int id, string name, TimeSpan skew)
    {
        (Scheduler, Id, Name) = (scheduler, id, name);
        Time = new(scheduler, this, skew);
    }

    public SimScheduler Scheduler { get; }

    public int Id { get; }

    public string Name { get; }

    /// <summary>Its clock, which may be off by a little.</summary>
    public SimTime Time { get; }

    public bool IsDead { get; private set; }

    /// <summary>Stopped for a while, as by a garbage collection or a sleeping machine: its code waits, all else continues.</summary>
    public bool IsPaused { get; private set; }

    internal List<SimScheduler.Work> Held { get; } = [];

    /// <summary>Runs code in the process.</summary>
    public void Post(Action action) => Scheduler.Post(this, static a => ((Action)a!)(), action);

    /// <summary>Starts something that may run for ever; if it fails, the run fails.</summary>
    public void Start(Func<Task> run) => Post(() => _ = WatchAsync(run));

    /// <summary>Called when it dies, outside the process.</summary>
    public void OnDeath(Action action) => _onDeath.Add(action);

    public void Kill()
    {
        if (IsDead) return;
        IsDead = true;
        Held.Clear();
        foreach (var action in _onDeath) action();
    }

    public void Pause(TimeSpan length)
    {
        if (IsDead || IsPaused) return;
        IsPaused = true;
        Scheduler.After(length, Scheduler.World, Resume);
    }

    public void Resume()
    {
        if (!IsPaused) return;
        IsPaused = false;
        Scheduler.Release(this);
    }

    public override string ToString() => Name;

    private async Task WatchAsync(Func<Task> run)
    {
        try
        {
            await run();
        }
        catch (OperationCanceledException)
        {
            // It was stopped.
        }
#pragma warning disable CA1031 // Any exception that leaves a shell is a finding.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Scheduler.Report($"{Name} ended with {exception}");
        }
    }
}
