using System.Diagnostics;
using Chat.CommandLine;

namespace Chat.Simulation;

internal static class SimulationProgram
{
    // How many seeds say how often a bug is noticed.
    private const int Sample = 100;

    /// <param name="output">The console's where null, as is <paramref name="error"/>.</param>
    public static Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? error = null) =>
        CommandLineProgram.RunAsync(SimulationOptions.CreateCommand(Run), args, output, error);

    private static int Run(SimulationOptions options, TextWriter output) => options switch
    {
        { AllBugs: true } => TryAllBugs(options, output),
        { Seed: { } seed } => RunOne(seed, options, output),
        _ => RunMany(options, output),
    };

    private static int RunOne(ulong seed, SimulationOptions options, TextWriter output)
    {
        var outcome = SimulationRun.Execute(seed, options.Bug, options.HashOnly ? null : output);
        output.WriteLine(options.HashOnly ? $"{outcome.Hash:x16}" : Line(outcome));
        return outcome.Failed ? 1 : 0;
    }

    private static int RunMany(SimulationOptions options, TextWriter output)
    {
        var clock = Stopwatch.StartNew();
        var outcomes = Runner.Run(options.From, options.Seeds, options.Bug, options.Threads, outcome =>
        {
            if (outcome.Failed) output.WriteLine(Line(outcome));
        });
        output.WriteLine(
            $"{outcomes.Count} seeds from {options.From} in {clock.Elapsed.TotalSeconds:F1} s: "
            + $"{outcomes.Count(o => o.Failed)} with violations; "
            + $"{outcomes.Sum(o => o.Steps)} steps, {outcomes.Sum(o => o.Events)} status events, {outcomes.Sum(o => o.Frames)} frames, "
            + $"{outcomes.Sum(o => o.StepsBack)} frames lower than the one before of their message, "
            + $"{outcomes.Sum(o => o.Pointers)} events put aside, "
            + $"{outcomes.Sum(o => o.Reached)} messages on phones and {outcomes.Sum(o => o.Written)} from them, "
            + $"{outcomes.Sum(o => o.Simulated.TotalHours):F0} simulated hours");
        return outcomes.Any(o => o.Failed) ? 1 : 0;
    }

    private static int TryAllBugs(SimulationOptions options, TextWriter output)
    {
        var missed = 0;
        foreach (var bug in Enum.GetValues<InjectedBug>().Where(b => b != InjectedBug.None))
        {
            var sample = Runner.Run(options.From, Math.Min(options.Seeds, Sample), bug, options.Threads);
            var first = sample.FirstOrDefault(o => o.Failed)
                ?? Runner.Catch(bug, options.Seeds, options.Threads, options.From)?.Outcome;
            output.WriteLine(first is not null
                ? $"{bug,-22} noticed first by seed {first.Seed}, by {sample.Count(o => o.Failed)} of {sample.Count}: {first.Violations[0]}"
                : $"{bug,-22} not noticed by {options.Seeds} seeds");
            if (first is null)
            {
                missed++;
            }
            else if (SimulationRun.Execute(first.Seed, bug, isControl: true).Violations is [var without, ..])
            {
                output.WriteLine($"{"",-22} not for the bug: seed {first.Seed} without it: {without}");
                missed++;
            }
        }
        return missed == 0 ? 0 : 1;
    }

    private static string Line(Outcome outcome) =>
        $"seed {outcome.Seed}: {(outcome.Failed ? string.Join("\n    ", outcome.Violations) : "no violation")} "
        + $"({outcome.Steps} steps, {outcome.Events} status events, {outcome.Frames} frames, hash {outcome.Hash:x16})";
}
