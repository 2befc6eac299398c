using System.Collections.Concurrent;

namespace Chat.Simulation;

/// <summary>Runs many seeds at the same time, each on one thread with its own scheduler.</summary>
public static class Runner
{
    // Wall-clock time that one seed may take: a step that never ends is a finding that shows in no other way.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <param name="report">Called for each outcome, by several threads, in no order.</param>
    public static IReadOnlyList<Outcome> Run(
        ulong from, int count, InjectedBug bug, int threads, Action<Outcome>? report = null, Func<bool>? enough = null)
    {
        var outcomes = new ConcurrentBag<Outcome>();
        var next = -1;
        var running = new ConcurrentDictionary<ulong, long>();
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) is var index && index < count && enough?.Invoke() != true)
            {
                var seed = from + (ulong)index;
                running[seed] = Environment.TickCount64;
                var outcome = SimulationRun.Execute(seed, bug);
                running.TryRemove(seed, out long _);
                outcomes.Add(outcome);
                report?.Invoke(outcome);
            }
        })
        { IsBackground = true }).ToList();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers)
        {
            while (!worker.Join(TimeSpan.FromSeconds(1)))
            {
                foreach (var (seed, since) in running)
                {
                    if (Environment.TickCount64 - since > Longest.TotalMilliseconds)
                        throw new TimeoutException($"Seed {seed} has a step that does not end.");
                }
            }
        }
        return [.. outcomes.OrderBy(o => o.Seed)];
    }

    /// <summary>How many seeds it takes until an injected bug is noticed; null where <paramref name="most"/> are not enough.</summary>
    public static (int Seeds, Outcome Outcome)? Catch(InjectedBug bug, int most, int threads, ulong from = 1)
    {
        var caught = 0;
        var outcomes = Run(
            from, most, bug, threads, o => _ = o.Failed && Interlocked.Exchange(ref caught, 1) == 0, () => Volatile.Read(ref caught) == 1);
        return outcomes.FirstOrDefault(o => o.Failed) is { } first ? ((int)(first.Seed - from) + 1, first) : null;
    }
}
