using Chat.Tests.Repository;

namespace Chat.Tests.Telemetry;

/// <summary>A row of the tables of metrics in docs/operations.md.</summary>
/// <param name="Type"><c>counter</c>, <c>updowncounter</c>, <c>gauge</c> or <c>histogram</c>.</param>
/// <param name="Labels">By OpenTelemetry's names, in order; null in the table of those that are not ours, which has none.</param>
internal sealed record DocumentedMetric(string Name, string Prometheus, string Type, string Unit, IReadOnlyList<string>? Labels)
{
    /// <summary>Prometheus knows no counter that goes down.</summary>
    public string PrometheusType => Type == "updowncounter" ? "gauge" : Type;
}

/// <summary>The tables of metrics in docs/operations.md.</summary>
internal static class MetricsTable
{
    public const string File = "docs/operations.md";

    private const string OurHeader = "| metric | in Prometheus | type | unit | labels | what it means |";
    private const string OtherHeader = "| metric | in Prometheus | type | unit | what it means |";

    /// <summary>The project's own.</summary>
    public static IReadOnlyList<DocumentedMetric> Ours { get; } =
        [.. Rows(OurHeader).Select(cells => new DocumentedMetric(cells[0], cells[1], cells[2], cells[3], LabelsIn(cells[4])))];

    /// <summary>Those of ASP.NET Core and the runtime that are used.</summary>
    public static IReadOnlyList<DocumentedMetric> Others { get; } =
        [.. Rows(OtherHeader).Select(cells => new DocumentedMetric(cells[0], cells[1], cells[2], cells[3], null))];

    private static IEnumerable<string[]> Rows(string header) => SourceFiles.WithExtension(".md")
        .Single(f => f.Path == File).Lines
        .SkipWhile(line => line != header)
        .Skip(2)
        .TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])
        // Labels are several, and keep their quotes until they are told apart.
        .Select(cells => cells.Select((cell, i) => i == 4 ? cell : Plain(cell)).ToArray());

    private static string[] LabelsIn(string cell) =>
        cell == "–" ? [] : [.. cell.Split(", ").Select(Plain).Order(StringComparer.Ordinal)];

    private static string Plain(string cell) => cell.Trim('`');
}
