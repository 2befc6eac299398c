using System.CommandLine;
using Chat.CommandLine;

namespace Chat.Simulation;

/// <param name="Seeds">How many seeds to run.</param>
/// <param name="From">The first of them.</param>
/// <param name="Seed">The only seed to run, with its trace; null for many.</param>
/// <param name="HashOnly">Of one seed, its hash instead of its trace.</param>
/// <param name="Threads">How many seeds run at the same time.</param>
/// <param name="Bug">The bug to inject.</param>
/// <param name="AllBugs">One bug after the other, each until it is noticed.</param>
internal sealed record SimulationOptions(
    int Seeds, ulong From, ulong? Seed, bool HashOnly, int Threads, InjectedBug Bug, bool AllBugs)
{
    private const string All = "all";

    public static RootCommand CreateCommand(Func<SimulationOptions, TextWriter, int> run)
    {
        var seeds = CommandOptions.Count("--seeds", "How many seeds to run", 1000);
        var from = SeedOption("--from", "The first of them (1 where it is not given)");
        var seed = SeedOption("--seed", "Runs this seed alone and prints its whole trace");
        var hash = CommandOptions.Flag("--hash", "With --seed: prints the hash of the run instead of its trace, the same on every machine");
        var threads = CommandOptions.Count(
            "--threads", "How many seeds run at the same time", () => Environment.ProcessorCount, most: 1024);
        var bug = CommandOptions.Text(
            "--bug", "name", $"Injects a bug, which the run must notice: {All} (says how soon each is noticed), {string.Join(", ", Bugs)}");
        bug.Validators.Add(result =>
        {
            if (result.Tokens is [var name] && name.Value != All && !Bugs.Contains(name.Value, StringComparer.OrdinalIgnoreCase))
                result.AddError($"--bug: there is no {name.Value}; the bugs are {All}, {string.Join(", ", Bugs)}.");
        });
        var command = new RootCommand(
            "Runs the whole pipeline on simulated engines, a fake clock and seeded faults. Exit code 1 where a promise was broken.")
        {
            seeds, from, seed, hash, threads, bug,
        };
        command.Validators.Add(result =>
        {
            var hasSeed = result.GetResult(seed) is not null;
            if (hasSeed && (result.GetResult(seeds) is { Implicit: false } || result.GetResult(from) is not null))
                result.AddError("--seed runs one seed; --seeds and --from run many.");
            if (!hasSeed && result.GetResult(hash) is { Implicit: false }) result.AddError("--hash needs --seed.");
            if (hasSeed && result.GetResult(bug)?.Tokens is [{ Value: All }])
                result.AddError($"--bug {All} runs many seeds, and takes no --seed.");
        });
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(bug);
            return run(
                new(
                    parsed.GetValue(seeds),
                    parsed.GetValue(from) ?? 1,
                    parsed.GetValue(seed),
                    parsed.GetValue(hash),
                    parsed.GetValue(threads),
                    name is null or All ? InjectedBug.None : Enum.Parse<InjectedBug>(name, ignoreCase: true),
                    name == All),
                parsed.InvocationConfiguration.Output);
        });
        return command;
    }

    private static string[] Bugs => [.. Enum.GetNames<InjectedBug>().Where(b => b != nameof(InjectedBug.None))];

    private static Option<ulong?> SeedOption(string name, string description) => CommandOptions.Value<ulong>(
        name, "number", description, "a seed, a whole number of at least 0", text => ulong.TryParse(text, out var seed) ? seed : null);
}
