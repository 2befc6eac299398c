using System.Text.RegularExpressions;

namespace Chat.Tools.Mutation;

/// <summary>One mistake in one line of a source file.</summary>
/// <param name="File">Relative to the repository.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Operator">What kind of mistake it is, as <c>relation</c>.</param>
/// <param name="Before">The line as it is.</param>
/// <param name="After">The line with the mistake.</param>
public sealed partial record Mutant(string File, int Line, string Operator, string Before, string After)
{
    // Each match gives a mutant. Spaces around an operator tell it from generics, attributes and lambdas.
    private static readonly (string Name, Regex Pattern, string Replacement)[] Operators =
    [
        ("relation", new(" < "), " <= "),
        ("relation", new(" <= "), " < "),
        ("relation", new(" > "), " >= "),
        ("relation", new(" >= "), " > "),
        ("relation", new(" == "), " != "),
        ("relation", new(" != "), " == "),
        ("relation", new(@"\bis null\b"), "is not null"),
        ("relation", new(@"\bis not null\b"), "is null"),
        ("condition", new(" && "), " || "),
        ("condition", new(@" \|\| "), " && "),
        ("condition", new(@"(?<=[( ])!(?=[\w(])"), ""),
        ("condition", new(@"\b(if|while) \((.+)\)(?=$| \w)"), "$1 (!($2))"),
        ("arithmetic", new(@" \+ "), " - "),
        ("arithmetic", new(" - "), " + "),
        ("arithmetic", new(@" \* "), " / "),
        ("arithmetic", new(" [/%] "), " * "),
        ("arithmetic", new(" << "), " >> "),
        ("arithmetic", new(" >> "), " << "),
        ("arithmetic", new(@"\+\+"), "--"),
        ("arithmetic", new("--"), "++"),
        ("arithmetic", new(@" \+= "), " -= "),
        ("arithmetic", new(" -= "), " += "),
        ("arithmetic", new(@"\bMath\.Max\b"), "Math.Min"),
        ("arithmetic", new(@"\bMath\.Min\b"), "Math.Max"),
        ("constant", new(@"\btrue\b"), "false"),
        ("constant", new(@"\bfalse\b"), "true"),
        ("constant", new(@"(?<![\w.^])0(?![\w.])"), "1"),
        ("constant", new(@"(?<![\w.^])1(?![\w.])"), "0"),
        ("constant", new(@"(?<![\w.])(?!0\b|1\b)\d[\d_]*(?![\w.])"), "($0 + 1)"),
        ("order", new(@"\bFirst(OrDefault)?\("), "Last$1("),
        ("order", new(@"\bAddLast\("), "AddFirst("),
        ("order", new(@"\[\^1\]"), "[0]"),
        ("choice", new(@" \? ([^?:;]+) : ([^?:;,)]+)"), " ? $2 : $1"),
        ("choice", new(@"(?<=[=(] |return |=> )([^?:;=()]+) \?\? ([^?:;,)]+)"), "$2 ?? $1"),
        ("removed", Statement(), "$1;"),
    ];

    /// <summary>The mutants of a file, line by line. Comments, texts and what only logs, counts, traces or throws are left alone.</summary>
    public static IEnumerable<Mutant> Of(string file, string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (IsLeftAlone().IsMatch(line)) continue;
            foreach (var (name, pattern, replacement) in Operators)
            {
                foreach (Match match in pattern.Matches(line))
                {
                    if (IsInText(line, match.Index)) continue;
                    var after = string.Concat(
                        line.AsSpan(0, match.Index), match.Result(replacement), line.AsSpan(match.Index + match.Length));
                    if (after != line) yield return new(file, i + 1, name, line, after);
                }
            }
        }
    }

    /// <summary>The file's text with the mistake in it.</summary>
    public string ApplyTo(string text)
    {
        var lines = text.Split('\n');
        lines[Line - 1] = After;
        return string.Join('\n', lines);
    }

    public override string ToString() => $"{File}:{Line} {Operator}: `{Before.Trim()}` → `{After.Trim()}`";

    // A call, an assignment or an early exit that fills its line; the declaration of a variable is none, and a value has to be returned.
    [GeneratedRegex(@"^(\s+)(?:(?:await )?[\w.\[\]]+\(.*\)|[\w.\[\]]+ [-+|&]?= .+|return|continue|break);$")]
    private static partial Regex Statement();

    [GeneratedRegex(
        @"^\s*(?://|using |namespace |\[|#)|\bconst string\b|\bthrow\b|\bLog\w*\(|[lL]ogger|Activity|Counter|Histogram|SetTag")]
    private static partial Regex IsLeftAlone();

    // Good enough for one line: an odd number of quotes before it, or a comment.
    private static bool IsInText(string line, int at) =>
        line.AsSpan(0, at).Count('"') % 2 == 1 || (line.IndexOf("//", StringComparison.Ordinal) is >= 0 and var comment && comment < at);
}
