using Chat.Tools.Mutation;

namespace Chat.Tests.Tools;

public sealed class MutantTests
{
    [Theory]
    [InlineData("        if (a < b) return;", "if (a <= b) return;", "if (!(a < b)) return;")]
    [InlineData("        x = y is null ? 0 : z;", "x = y is not null ? 0 : z;", "x = y is null ? 1 : z;", "x = y is null ? z : 0;", ";")]
    [InlineData("        while (!done && left > 0) left--;", "while (done && left > 0) left--;", "while (!done || left > 0) left--;")]
    [InlineData("        var last = items[^1];", "var last = items[0];")]
    [InlineData("    private const int Size = 1_000;", "private const int Size = (1_000 + 1);")]
    [InlineData("        await store.AddAsync(items, token);", ";")]
    [InlineData("        return known ?? other;", "return other ?? known;")]
    public void Mutants_when_a_line_decides_change_one_thing_each(string line, params string[] expected)
    {
        var mutants = Mutant.Of("A.cs", line).Select(m => m.After.Trim()).ToList();

        Assert.All(expected, e => Assert.Contains(e, mutants));
        Assert.Equal(mutants.Count, mutants.Distinct().Count());
    }

    [Theory]
    [InlineData("        // if (a < b) return 1;")]
    [InlineData("using Chat.Core;")]
    [InlineData("        throw new ArgumentException(a == b);")]
    [InlineData("        LogRetry(count + 1);")]
    [InlineData("        var text = \"1 == 2 && true\";")]
    [InlineData("        var list = new List<int>();")]
    public void Mutants_when_nothing_is_decided_are_none(string line) => Assert.Empty(Mutant.Of("A.cs", line));

    [Fact]
    public void Mutant_when_applied_changes_its_line_alone()
    {
        const string text = "a = 1;\nb = c == d;\nd = 2;\n";
        var mutant = Assert.Single(Mutant.Of("A.cs", text), m => m.Operator == "relation");

        Assert.Equal("a = 1;\nb = c != d;\nd = 2;\n", mutant.ApplyTo(text));
        Assert.Equal("A.cs:2 relation: `b = c == d;` → `b = c != d;`", mutant.ToString());
    }

    [Fact]
    public void Report_when_a_mutant_survived_names_it_and_counts_each_file()
    {
        var options = new MutationOptions(["A.cs", "B.cs"], "Hub", 10, 1, TimeSpan.FromMinutes(1), null);
        var survivor = new Mutant("B.cs", 3, "constant", "x = 0;", "x = 1;");

        var report = MutationReport.Write(
            options,
            40,
            [
                (survivor with { File = "A.cs" }, MutantFate.Killed), (survivor, MutantFate.Survived), (survivor, MutantFate.TimedOut),
                (survivor, MutantFate.NotCompiled),
            ]);

        Assert.Contains("4 of 40 mutants", report, StringComparison.Ordinal);
        Assert.Contains("| `A.cs` | 1 | 0 | 0 | 0 |", report, StringComparison.Ordinal);
        Assert.Contains("| **all** | 1 | 1 | 1 | 1 |", report, StringComparison.Ordinal);
        Assert.EndsWith("- B.cs:3 constant: `x = 0;` → `x = 1;`\n", report, StringComparison.Ordinal);
    }
}
