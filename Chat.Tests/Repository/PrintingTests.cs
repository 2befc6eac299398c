using System.Text.RegularExpressions;

namespace Chat.Tests.Repository;

/// <summary>
/// That all printing goes through <see cref="Core.Text.PrintableWriter"/>: a program for people guards its console before anything else,
/// a service prints through its log, which is guarded, and what little it prints by itself names the writer.
/// </summary>
public sealed partial class PrintingTests
{
    private const string Writer = "Chat.Core/Text/PrintableWriter.cs";
    private const string Drawing = "Chat.LoadTest/Deployment/RunProgress.cs";
    private const string Guard = "PrintableWriter.GuardConsole();";
    private const string GuardedLog = ".AddServiceDefaults();";

    private static readonly IReadOnlyList<SourceFile> Product =
        [.. SourceFiles.WithExtension(".cs").Where(f => !f.Path.StartsWith("Chat.Tests/", StringComparison.Ordinal))];

    private static IEnumerable<SourceFile> Programs => Product.Where(f => f.Path.EndsWith("/Program.cs", StringComparison.Ordinal));

    [Fact]
    public void Every_program_guards_its_console_first_or_has_a_guarded_log()
    {
        Assert.Equal(9, Programs.Count());
        Assert.All(Programs, p => Assert.True(IsGuarded(p) || p.Lines.Any(l => l.Contains(GuardedLog, StringComparison.Ordinal)), p.Path));
        Assert.All(
            Programs.Where(IsGuarded),
            p => Assert.Equal(Guard, p.Lines.First(l => l.Length > 0 && !l.StartsWith("using ", StringComparison.Ordinal))));
    }

    [Fact]
    public void Nothing_else_prints_but_through_the_writer()
    {
        var guarded = Programs.Where(IsGuarded).Select(p => p.Path[..^"Program.cs".Length]).ToList();

        var found = Product
            .Where(f => f.Path != Writer && !guarded.Any(g => f.Path.StartsWith(g, StringComparison.Ordinal)))
            .SelectMany(f => f.Find(l => Printing().IsMatch(l) && !l.Contains("PrintableWriter.Over(Console.", StringComparison.Ordinal)));

        Assert.Empty(found);
        Assert.Empty(Product.Where(f => f.Path != Writer).SelectMany(f => f.Find(l => PassingBy().IsMatch(l))));
        // A table of numbers, drawn over and over.
        var drawing = Product.Where(f => f.Path != Writer && f.Lines.Any(l => l.Contains("OpenTerminal", StringComparison.Ordinal)));
        Assert.Equal(Drawing, Assert.Single(drawing).Path);
    }

    [Theory]
    [InlineData("Console.WriteLine(text);", true)]
    [InlineData("await Console.Error.WriteLineAsync(text);", true)]
    [InlineData("builder.Logging.AddSimpleConsole(console => {", false)]
    public void Printing_is_told_from_other_code(string line, bool prints) => Assert.Equal(prints, Printing().IsMatch(line));

    private static bool IsGuarded(SourceFile program) => program.Lines.Contains(Guard);

    [GeneratedRegex(@"\bConsole\.(Out|Error|Write)", RegexOptions.CultureInvariant)]
    private static partial Regex Printing();

    [GeneratedRegex(@"\bConsole\.(OpenStandard(Output|Error)|Set(Out|Error))", RegexOptions.CultureInvariant)]
    private static partial Regex PassingBy();
}
