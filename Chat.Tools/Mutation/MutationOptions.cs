using System.CommandLine;
using Chat.CommandLine;

namespace Chat.Tools.Mutation;

/// <param name="Files">Source files, relative to the repository.</param>
/// <param name="Tests">The filter of <c>dotnet test</c>.</param>
/// <param name="Most">How many mutants to try, drawn from all.</param>
/// <param name="Seed">Of the draw.</param>
/// <param name="Timeout">For the tests of one mutant; longer counts as killed.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
public sealed record MutationOptions(
    IReadOnlyList<string> Files, string Tests, int Most, int Seed, TimeSpan Timeout, string? Report)
{
    public static Command CreateCommand(ToolAction<MutationOptions> run)
    {
        var files = new Argument<string[]>("files")
        {
            Description = "Source files whose lines are mutated, relative to the repository",
            Arity = ArgumentArity.OneOrMore,
        };
        var tests = CommandOptions.RequiredText(
            "--tests", "filter", "The tests that should notice, as dotnet test takes them: FullyQualifiedName~StatusWorker");
        var most = CommandOptions.Count("--most", "How many mutants to try, drawn from all there are", 50);
        var seed = CommandOptions.Count("--seed", "Seed of the draw", 1, least: 0);
        var timeout = CommandOptions.Duration(
            "--timeout", "How long the tests of one mutant may take; a mutant that takes longer counts as killed", TimeSpan.FromMinutes(3));
        var report = CommandOptions.Text("--report", "file", "Writes the report to this file too, in Markdown");
        var command = new Command(
            "mutate",
            "For contributors: makes one mistake at a time in the files, builds, runs the tests, and says which mistakes no test notices. "
            + "Works on a copy of the last commit. Exit code: 0 all were noticed, 1 some were not, 2 wrong usage, 130 interrupted.")
        {
            files, tests, most, seed, timeout, report,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetRequiredValue(files),
                parsed.GetRequiredValue(tests),
                parsed.GetValue(most),
                parsed.GetValue(seed),
                parsed.GetValue(timeout),
                parsed.GetValue(report)),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }
}
