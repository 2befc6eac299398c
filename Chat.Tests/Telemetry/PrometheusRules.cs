using Chat.Tests.Repository;

namespace Chat.Tests.Telemetry;

/// <summary>A rule of deploy/prometheus/rules.yml: one that records, or an alert.</summary>
internal sealed record PrometheusRule(bool IsAlert, string Name, string Expression, string? Runbook, string? Severity);

/// <summary>deploy/prometheus/rules.yml, read by its lines as it is laid out; promtool reads it as YAML.</summary>
internal static class PrometheusRules
{
    public const string File = "deploy/prometheus/rules.yml";

    private const string Record = "- record: ";
    private const string Alert = "- alert: ";
    private const string ExpressionIndent = "          ";

    public static string Folder { get; } = Path.Combine(SourceFiles.Root, "deploy", "prometheus");

    public static IReadOnlyList<PrometheusRule> All { get; } = Read();

    private static List<PrometheusRule> Read()
    {
        var rules = new List<PrometheusRule>();
        foreach (var line in SourceFiles.WithExtension(".yml").Single(f => f.Path == File).Lines)
        {
            var text = line.Trim();
            if (text.StartsWith(Record, StringComparison.Ordinal)) Begin(isAlert: false, text[Record.Length..]);
            else if (text.StartsWith(Alert, StringComparison.Ordinal)) Begin(isAlert: true, text[Alert.Length..]);
            else if (rules.Count == 0) continue;
            else if (text.StartsWith("runbook_url: ", StringComparison.Ordinal)) rules[^1] = rules[^1] with { Runbook = Value(text) };
            else if (text.StartsWith("severity: ", StringComparison.Ordinal)) rules[^1] = rules[^1] with { Severity = Value(text) };
            else if (line.StartsWith(ExpressionIndent, StringComparison.Ordinal) && rules[^1].Severity is null)
                rules[^1] = rules[^1] with { Expression = $"{rules[^1].Expression}\n{text}".Trim() };
        }
        return rules;

        void Begin(bool isAlert, string name) => rules.Add(new(isAlert, name, "", null, null));
    }

    private static string Value(string text) => text[(text.IndexOf(": ", StringComparison.Ordinal) + 2)..];
}
