using Chat.Simulation.Faults;
using Chat.Simulation.Nodes;

namespace Chat.Simulation;

/// <summary>The outcome of one seed.</summary>
/// <param name="Hash">Of every step: the same seed has the same one, in any process.</param>
public sealed record Outcome(
    ulong Seed,
    IReadOnlyList<string> Violations,
    ulong Hash,
    long Steps,
    TimeSpan Simulated,
    int Events,
    int Frames,
    int StepsBack,
    int Pointers)
{
    public bool Failed => Violations.Count > 0;
}

/// <summary>Runs one seed, on the thread of the caller.</summary>
public static class SimulationRun
{
    // A run has some ten thousand; more means that it never ends.
    private const long MostSteps = 2_000_000;

    private static readonly TimeSpan LastRound = TimeSpan.FromSeconds(5);

    /// <param name="trace">Where the trace goes, line by line; null for nowhere, which changes nothing of the run.</param>
    public static Outcome Execute(ulong seed, InjectedBug bug = InjectedBug.None, TextWriter? trace = null)
    {
        var world = new World(seed, bug, trace);
        world.TraceWriter.Write("plan", world.Plan.ToString());
        var scheduler = world.Scheduler;
        for (var i = 0; i < world.Plan.Routers; i++) new RouterNode(world).Start();
        for (var i = 0; i < world.Plan.StatusWorkers; i++) new StatusNode(world).Start();
        for (var i = 0; i < world.Plan.Apis; i++) new ApiNode(world).Start();
        for (var i = 0; i < world.Plan.Connectors; i++) new ConnectorNode(world).Start();
        new Workload(world).Start();
        new FaultDriver(world).Start();
        var end = world.Plan.Faults + world.Plan.Quiet;
        scheduler.RunUntil(end, IsOver);
        // What was given up and appended again at the very end needs time too.
        if (world.Checker.IsBehind) scheduler.RunUntil(end + LastRound, IsOver);
        if (scheduler.Steps > MostSteps) world.Violation($"It has not ended after {scheduler.Steps} steps, at {scheduler.Now}");
        if (world.Violations.Count == 0) world.Checker.CheckEnd();
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
            world.Checker.Pointers);

        bool IsOver() => world.Violations.Count > 0 || scheduler.Steps > MostSteps;
    }
}
