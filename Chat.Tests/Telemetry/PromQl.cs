using System.Text.RegularExpressions;

namespace Chat.Tests.Telemetry;

/// <summary>As much of Prometheus' query language as says which metrics a query is about.</summary>
internal static partial class PromQl
{
    private static readonly string[] HistogramSuffixes = ["_bucket", "_count", "_sum"];

    /// <summary>The metrics by their names in the tables of docs/operations.md; recorded ones by their own, which have colons.</summary>
    public static IReadOnlyList<string> MetricsOf(string query) =>
        [.. Metric().Matches(Labels().Replace(query, "")).Select(m => Base(m.Value)).Distinct()];

    private static string Base(string name)
    {
        var suffix = HistogramSuffixes.FirstOrDefault(s => name.EndsWith(s, StringComparison.Ordinal));
        return suffix is null ? name : name[..^suffix.Length];
    }

    // Matchers, and lists of labels to group by.
    [GeneratedRegex(@"\{[^}]*\}|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"\bchat:[a-z0-9_:]+|\b(chat|messaging|http|kestrel|dotnet|process)_[a-z0-9_]+")]
    private static partial Regex Metric();
}
