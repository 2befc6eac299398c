namespace Chat.Simulation.Scheduling;

/// <summary>
/// The one thread that everything of a run is on. What is ready runs in an order that the seed picks; when nothing is, time jumps to
/// the next timer. Every step goes into <see cref="Hash"/>, so that two runs with the same one did the same.
/// </summary>
public sealed class SimScheduler
{
    private readonly List<Work> _ready = [];
    private readonly PriorityQueue<Work, (long Due, long Order)> _timers = new();
    private readonly SimRandom _random;
    private readonly Thread _thread = Thread.CurrentThread;
    private readonly Lock _foreignGate = new();
    private readonly Action<string> _report;
    private string? _foreign;
    private long _order;
    private int _processes;

    public SimScheduler(SimRandom random, Action<string> report)
    {
        (_random, _report) = (random, report);
        World = NewProcess("world", TimeSpan.Zero);
    }

    /// <summary>What never dies: engines, networks and users.</summary>
    public SimProcess World { get; }

    /// <summary>Since the run began.</summary>
    public TimeSpan Now { get; private set; }

    public long Steps { get; private set; }

    public ulong Hash { get; private set; } = 14695981039346656037;

    public SimProcess NewProcess(string name, TimeSpan skew) => new(this, _processes++, name, skew);

    /// <summary>Reports something that must not happen: the run has failed.</summary>
    public void Report(string violation) => _report(violation);

    /// <summary>Mixes a value into the run's hash.</summary>
    public void Note(ulong value) => Hash = SimRandom.Mix(Hash ^ value) + 0x9E3779B97F4A7C15;

    public void Post(SimProcess process, SendOrPostCallback callback, object? state)
    {
        if (Thread.CurrentThread != _thread)
        {
            // Not the run's thread: the seed does not decide when this comes.
            lock (_foreignGate) _foreign ??= $"{process.Name} went on off the simulation's thread:\n{Environment.StackTrace}";
            return;
        }
        Enqueue(new(process, callback, state));
    }

    /// <summary>Runs code in a process once a time has passed.</summary>
    public void After(TimeSpan delay, SimProcess process, Action action)
    {
        if (delay < TimeSpan.Zero) delay = TimeSpan.Zero;
        _timers.Enqueue(new(process, static a => ((Action)a!)(), action), (Now.Ticks + delay.Ticks, _order++));
    }

    /// <summary>Runs all there is up to a time, or until <paramref name="stop"/> says so.</summary>
    public void RunUntil(TimeSpan until, Func<bool> stop)
    {
        var before = SynchronizationContext.Current;
        try
        {
            while (!stop())
            {
                if (_foreign is { } foreign)
                {
                    Report(foreign);
                    return;
                }
                if (_ready.Count == 0 && !Advance(until)) return;
                if (_ready.Count > 0) Step();
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    internal void Release(SimProcess process)
    {
        _ready.AddRange(process.Held);
        process.Held.Clear();
    }

    private void Enqueue(Work work)
    {
        if (!work.Process.IsDead) _ready.Add(work);
    }

    private bool Advance(TimeSpan until)
    {
        if (!_timers.TryPeek(out _, out var next) || next.Due > until.Ticks)
        {
            Now = until;
            return false;
        }
        Now = TimeSpan.FromTicks(next.Due);
        while (_timers.TryPeek(out var work, out var due) && due.Due <= next.Due)
        {
            _timers.Dequeue();
            Enqueue(work);
        }
        return true;
    }

    private void Step()
    {
        var index = _ready.Count == 1 ? 0 : _random.Next(_ready.Count);
        var work = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (work.Process.IsDead) return;
        if (work.Process.IsPaused)
        {
            work.Process.Held.Add(work);
            return;
        }
        Steps++;
        Note(((ulong)Now.Ticks << 20) ^ ((ulong)_ready.Count << 10) ^ ((ulong)index << 40) ^ (ulong)work.Process.Id);
        SynchronizationContext.SetSynchronizationContext(new SimContext(work.Process));
        try
        {
            work.Callback(work.State);
        }
#pragma warning disable CA1031 // Any exception that leaves a step is a finding, and ends the run.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Report($"{work.Process.Name} threw {exception}");
        }
    }

    internal readonly record struct Work(SimProcess Process, SendOrPostCallback Callback, object? State);
}
