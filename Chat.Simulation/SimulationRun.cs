using Chat.Simulation.Faults;
using Chat.Simulation.Meta;
using Chat.Simulation.Nodes;

namespace Chat.Simulation;

/// <summary>The outcome of one seed.</summary>
/// <param name="Hash">Of every step: the same seed has the same one, in any process.</param>
/// <param name="Reached">Messages that reached a phone from an account.</param>
/// <param name="Written">Messages that people wrote to accounts.</param>
public sealed record Outcome(
    ulong Seed,
    IReadOnlyList<string> Violations,
    ulong Hash,
    long Steps,
    TimeSpan Simulated,
    int Events,
    int Frames,
    int StepsBack,
    int Pointers,
    int Reached,
    int Written)
{
    public bool Failed => Violations.Count > 0;
}

/// <summary>Runs one seed, on the thread of the caller.</summary>
public static class SimulationRun
{
    // A run has some ten thousand; more means that it never ends.
    private const long MostSteps = 2_000_000;

    // What a provider asks to wait for grows with each try, up to this; and what follows once it was sent.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan AfterWait = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LastRound = TimeSpan.FromSeconds(5);

    /// <param name="trace">Where the trace goes, line by line; null for nowhere, which changes nothing of the run.</param>
    /// <param name="isControl">The same faults as with the bug, without it.</param>
    public static Outcome Execute(ulong seed, InjectedBug bug = InjectedBug.None, TextWriter? trace = null, bool isControl = false)
    {
        var world = new World(seed, bug, trace, isControl);
        world.TraceWriter.Write("plan", world.Plan.ToString());
        var scheduler = world.Scheduler;
        for (var i = 0; i < world.Plan.Routers; i++) new RouterNode(world).Start();
        for (var i = 0; i < world.Plan.StatusWorkers; i++) new StatusNode(world).Start();
        for (var i = 0; i < world.Plan.Apis; i++) new ApiNode(world).Start();
        for (var i = 0; i < world.Plan.Connectors; i++) new ConnectorNode(world).Start();
        new Workload(world).Start();
        new FaultDriver(world).Start();
        if (world.Meta is { } meta) new AccountFaults(world, meta).Start();
        world.AccountWorkload?.Start();
        var end = world.Plan.Faults + world.Plan.Quiet;
        scheduler.RunUntil(end, IsOver);
        if (world.AccountChecker is { IsWaiting: true } accounts)
        {
            scheduler.RunUntil(end + LongestWait, () => IsOver() || !accounts.IsWaiting);
            end = scheduler.Now + AfterWait;
            scheduler.RunUntil(end, IsOver);
        }
        // What was given up and appended again at the very end needs time too.
        if (world.Checker.IsBehind) scheduler.RunUntil(end + LastRound, IsOver);
        if (scheduler.Steps > MostSteps) world.Violation($"It has not ended after {scheduler.Steps} steps, at {scheduler.Now}");
        if (world.Violations.Count == 0) world.Checker.CheckEnd();
        if (world.Violations.Count == 0) world.AccountChecker?.CheckEnd();
        foreach (var violation in world.Violations) scheduler.Note((ulong)violation.Length);
        return new(
            seed,
            [.. world.Violations],
            scheduler.Hash,
            scheduler.Steps,
            scheduler.Now,
            world.Checker.Events,
            world.Users.Sum(p => p.Client.Frames),
            world.Users.Sum(p => p.Client.StepsBack),
            world.Checker.Pointers,
            world.AccountChecker?.Reached ?? 0,
            world.AccountChecker?.Written ?? 0);

        bool IsOver() => world.Violations.Count > 0 || scheduler.Steps > MostSteps;
    }
}
