using System.Globalization;
using System.Text;

namespace Chat.Tools.Mutation;

/// <summary>What became of a mutant.</summary>
public enum MutantFate
{
    /// <summary>A test failed.</summary>
    Killed,

    /// <summary>The tests did not end in time: noticed too.</summary>
    TimedOut,

    /// <summary>No test noticed.</summary>
    Survived,

    /// <summary>The compiler noticed; it counts for nothing.</summary>
    NotCompiled,
}

public static class MutationReport
{
    public static string Write(MutationOptions options, int mutants, IReadOnlyList<(Mutant Mutant, MutantFate Fate)> tried)
    {
        var text = new StringBuilder();
        Line(text, $"{tried.Count} of {mutants} mutants tried (seed {options.Seed}), on the tests `{options.Tests}`.");
        Line(text, $"");
        Line(text, $"| file | killed | timed out | survived | not compiled |");
        Line(text, $"| --- | --- | --- | --- | --- |");
        foreach (var file in options.Files) Row(text, $"`{file}`", tried.Where(t => t.Mutant.File == file));
        Row(text, "**all**", tried);
        var survivors = tried.Where(t => t.Fate == MutantFate.Survived).ToList();
        if (survivors.Count == 0) return text.ToString();
        Line(text, $"");
        Line(text, $"Survived:");
        Line(text, $"");
        foreach (var (mutant, _) in survivors) Line(text, $"- {mutant}");
        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, IEnumerable<(Mutant Mutant, MutantFate Fate)> tried)
    {
        var counts = tried.CountBy(t => t.Fate).ToDictionary();
        Line(
            text,
            $"| {name} | {Of(MutantFate.Killed)} | {Of(MutantFate.TimedOut)} | {Of(MutantFate.Survived)} | {Of(MutantFate.NotCompiled)} |");

        int Of(MutantFate fate) => counts.GetValueOrDefault(fate);
    }

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
