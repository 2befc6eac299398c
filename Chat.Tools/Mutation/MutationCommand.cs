namespace Chat.Tools.Mutation;

/// <summary>Tries mutants one after the other and reports which of them the tests noticed.</summary>
public static class MutationCommand
{
    public static async Task<int> RunAsync(MutationOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        await using var copy = await RepositoryCopy.CreateAsync(options.Files, cancellationToken);
        var all = options.Files.SelectMany(file => Mutant.Of(file, copy.Read(file))).ToArray();
        await output.WriteLineAsync($"{all.Length} mutants of {options.Files.Count} files, {Math.Min(all.Length, options.Most)} to try");
        await EnsureTestsPassAsync(copy, options, cancellationToken);

        new Random(options.Seed).Shuffle(all);
        var tried = new List<(Mutant Mutant, MutantFate Fate)>();
        foreach (var mutant in all.Take(options.Most))
        {
            var fate = await TryAsync(copy, mutant, options, cancellationToken);
            tried.Add((mutant, fate));
            await output.WriteLineAsync($"{fate}: {mutant}");
        }
        var report = MutationReport.Write(options, all.Length, tried);
        await output.WriteLineAsync(report);
        if (options.Report is { } file) await File.WriteAllTextAsync(file, report, cancellationToken);
        return tried.Any(t => t.Fate == MutantFate.Survived) ? 1 : 0;
    }

    /// <exception cref="InvalidOperationException">They don't: then a failure would say nothing of a mutant.</exception>
    private static async Task EnsureTestsPassAsync(RepositoryCopy copy, MutationOptions options, CancellationToken cancellationToken)
    {
        var built = await copy.BuildAsync(cancellationToken);
        if (built.ExitCode != 0) throw new InvalidOperationException($"The last commit does not build:{Environment.NewLine}{built.Output}");
        var tested = await copy.TestAsync(options.Tests, options.Timeout, cancellationToken);
        if (tested.Output.Contains("No test matches", StringComparison.Ordinal))
            throw new InvalidOperationException($"--tests: no test matches '{options.Tests}'.");
        if (tested.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"Without a mutant the tests don't pass within --timeout:{Environment.NewLine}{tested.Output}");
        }
    }

    private static async Task<MutantFate> TryAsync(
        RepositoryCopy copy, Mutant mutant, MutationOptions options, CancellationToken cancellationToken)
    {
        var text = copy.Read(mutant.File);
        copy.Write(mutant.File, mutant.ApplyTo(text));
        try
        {
            var built = await copy.BuildAsync(cancellationToken);
            if (built.ExitCode != 0) return MutantFate.NotCompiled;
            var tested = await copy.TestAsync(options.Tests, options.Timeout, cancellationToken);
            return tested.ExitCode switch { null => MutantFate.TimedOut, 0 => MutantFate.Survived, _ => MutantFate.Killed };
        }
        finally
        {
            copy.Write(mutant.File, text);
        }
    }
}
