using System.Text.RegularExpressions;

namespace Chat.Tests.Telemetry;

/// <summary>One series of a scrape.</summary>
/// <param name="Metric">The name of the metric whose sample it is, without <c>_bucket</c>, <c>_sum</c> and <c>_count</c>.</param>
/// <param name="Labels">Without the exporter's own.</param>
internal sealed record ScrapedSeries(string Metric, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>What <c>/metrics</c> answered, in Prometheus' text format.</summary>
internal sealed partial class Scrape
{
    private static readonly string[] HistogramSuffixes = ["_bucket", "_sum", "_count"];

    public Scrape(string text)
    {
        Text = text;
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        var series = new List<ScrapedSeries>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var words = line.Split(' ');
                types[words[2]] = words[3];
            }
            else if (!line.StartsWith('#')) series.Add(Read(line, types));
        }
        (Types, Series) = (types, series);
    }

    public string Text { get; }

    /// <summary>By the metric's name.</summary>
    public IReadOnlyDictionary<string, string> Types { get; }

    public IReadOnlyList<ScrapedSeries> Series { get; }

    /// <summary>The labels that a metric's series have, in order, by OpenTelemetry's and Prometheus' names alike.</summary>
    public IReadOnlyList<string> LabelsOf(string metric) =>
    [
        .. Series.Where(s => s.Metric == metric).SelectMany(s => s.Labels.Keys).Where(l => l != "le").Distinct()
            .Order(StringComparer.Ordinal),
    ];

    private static ScrapedSeries Read(string line, Dictionary<string, string> types)
    {
        var match = Sample().Match(line);
        Assert.True(match.Success, line);
        var name = match.Groups["name"].Value;
        var suffix = HistogramSuffixes.FirstOrDefault(s => name.EndsWith(s, StringComparison.Ordinal) && !types.ContainsKey(name));
        var labels = Label().Matches(match.Groups["labels"].Value)
            .Where(l => !l.Groups["name"].Value.StartsWith("otel_scope_", StringComparison.Ordinal))
            .ToDictionary(l => l.Groups["name"].Value, l => l.Groups["value"].Value);
        var value = double.Parse(match.Groups["value"].Value.Replace("Inf", "Infinity", StringComparison.Ordinal), null);
        return new(suffix is null ? name : name[..^suffix.Length], labels, value);
    }

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)(?: \d+)?$")]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\]|\\.)*)"[,]?""")]
    private static partial Regex Label();
}
