using System.Diagnostics;
using System.Globalization;
using Chat.Simulation;

const string usage = """
    Runs the whole pipeline on simulated engines, a fake clock and seeded faults.

      --seeds N        run N seeds (default 1000)
      --from S         beginning with seed S (default 1)
      --seed S         run one seed and tell its whole trace
      --hash           with --seed: print the run's hash and nothing else
      --threads N      how many seeds beside each other (default: as many as there are processors)
      --bug NAME  with a deliberate break (--bug all: how soon each is noticed)
    """;

string? Option(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
ulong Number(string name, ulong missing) => Option(name) is { } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : missing;

if (args.Contains("--help"))
{
    Console.WriteLine(usage);
    return 0;
}

var threads = (int)Number("--threads", (ulong)Environment.ProcessorCount);
var from = Number("--from", 1);
var count = (int)Number("--seeds", 1000);
if (Option("--bug") == "all") return TryAll();
var bug = Option("--bug") is { } name ? Enum.Parse<InjectedBug>(name, ignoreCase: true) : InjectedBug.None;
return Option("--seed") is not null ? RunOne(Number("--seed", 1)) : RunMany();

int RunOne(ulong seed)
{
    var outcome = SimulationRun.Execute(seed, bug, args.Contains("--hash") ? null : Console.Out);
    Console.WriteLine(args.Contains("--hash") ? $"{outcome.Hash:x16}" : Line(outcome));
    return outcome.Failed ? 1 : 0;
}

int RunMany()
{
    var clock = Stopwatch.StartNew();
    var outcomes = Runner.Run(from, count, bug, threads, outcome =>
    {
        if (outcome.Failed) Console.WriteLine(Line(outcome));
    });
    Console.WriteLine(
        $"{outcomes.Count} seeds from {from} in {clock.Elapsed.TotalSeconds:F1} s: {outcomes.Count(o => o.Failed)} with violations; "
        + $"{outcomes.Sum(o => o.Steps)} steps, {outcomes.Sum(o => o.Events)} status events, {outcomes.Sum(o => o.Frames)} frames, "
        + $"{outcomes.Sum(o => o.StepsBack)} frames lower than the one before of their message, "
        + $"{outcomes.Sum(o => o.Simulated.TotalHours):F0} simulated hours");
    return outcomes.Any(o => o.Failed) ? 1 : 0;
}

int TryAll()
{
    var missed = 0;
    foreach (var each in Enum.GetValues<InjectedBug>().Where(s => s != InjectedBug.None))
    {
        var caught = Runner.Catch(each, count, threads, from);
        Console.WriteLine(caught is { } c ? $"{each,-22} seed {c.Outcome.Seed}, the {c.Seeds}th: {c.Outcome.Violations[0]}" : $"{each,-22} not within {count} seeds");
        if (caught is null) missed++;
    }
    return missed;
}

static string Line(Outcome outcome) =>
    $"seed {outcome.Seed}: {(outcome.Failed ? string.Join("\n    ", outcome.Violations) : "nothing to complain about")} "
    + $"({outcome.Steps} steps, {outcome.Events} status events, {outcome.Frames} frames, hash {outcome.Hash:x16})";
