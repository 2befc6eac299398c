using System.Text.RegularExpressions;

namespace Chat.Tests.Repository;

/// <summary>What no compiler and no analyzer checks: see CONTRIBUTING.md.</summary>
public sealed partial class CodeStyleTests
{
    // As max_line_length in .editorconfig, which editors use and the build does not.
    private const int MaxLineLength = 140;

    private const string ThisFile = "Chat.Tests/Repository/CodeStyleTests.cs";

    // What no service ships.
    private static readonly string[] NotProduct = ["Chat.Tests/", "Chat.LoadTest/", "Chat.Simulation/"];

    [Fact]
    public void Code_has_no_line_above_the_editorconfigs_length()
    {
        var files = SourceFiles.WithExtension(".cs");

        Assert.NotEmpty(files);
        AssertNone(files.SelectMany(f => f.Find(line => line.Length > MaxLineLength)));
    }

    [Fact]
    public void Editorconfig_names_the_length_that_the_test_checks()
    {
        var settings = Assert.Single(SourceFiles.WithExtension(".editorconfig"));

        Assert.Contains($"max_line_length = {MaxLineLength}", settings.Lines);
    }

    /// <summary>Words that earlier versions had their own meanings for; docs/glossary.md has those that are used.</summary>
    [Fact]
    public void Code_and_docs_use_no_word_of_the_old_dialect() => AssertNone(SourceFiles
        .WithExtension(".cs", ".csproj", ".md", ".js", ".ts", ".html", ".yml", ".yaml", ".json")
        // The changelog and the list below name what is gone.
        .Where(f => f.Path is not ("CHANGELOG.md" or ThisFile or "Chat.Tests/CommandLine/CommandLineTests.cs"))
        .SelectMany(f => f.Find(line => OldDialect().IsMatch(line))));

    [Fact]
    public void Product_code_has_no_conditional_compilation() => AssertNone(SourceFiles
        .WithExtension(".cs")
        .Where(f => !NotProduct.Any(n => f.Path.StartsWith(n, StringComparison.Ordinal)))
        .SelectMany(f => f.Find(line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal))));

    [Theory]
    [InlineData("it would have been buried", true)]
    [InlineData("await BuryAsync(letter)", true)]
    [InlineData("an event keyed anew", true)]
    [InlineData("goodbye", true)]
    [InlineData("FaultProfile StoreWeather", true)]
    [InlineData("a dead letter, DeadLetter, DeadLetters", false)]
    [InlineData("letter-spacing: 0", false)]
    public void Old_dialect_is_told_from_ordinary_words(string line, bool isOld) => Assert.Equal(isOld, OldDialect().IsMatch(line));

    private static void AssertNone(IEnumerable<string> found)
    {
        var all = found.ToList();
        Assert.True(all.Count == 0, string.Join(Environment.NewLine, all.Prepend($"{all.Count} lines:")));
    }

    [GeneratedRegex(
        @"\b(bury|buries|buried)|Bury|keyed anew|goodbye|[Ss]abotag|Weather|\bUseAspire\b|LetterIndex\b(?<!DeadLetterIndex)|\bwhoever\b"
        + @"|\blet go of\b",
        RegexOptions.CultureInvariant)]
    private static partial Regex OldDialect();
}
