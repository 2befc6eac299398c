using System.Text.Json;
using Chat.Tests.Repository;

namespace Chat.Tests.Telemetry;

/// <summary>A query of a panel, and what its series are called there.</summary>
internal sealed record PanelQuery(string Expression, string Legend);

/// <summary>A panel of the Grafana dashboard.</summary>
internal sealed record Panel(string Title, string Unit, IReadOnlyList<PanelQuery> Queries)
{
    public override string ToString() => Title;
}

/// <summary>deploy/grafana/chat.json.</summary>
internal static class Dashboard
{
    public static string File { get; } = Path.Combine(SourceFiles.Root, "deploy", "grafana", "chat.json");

    public static JsonElement Json { get; } = JsonElement.Parse(System.IO.File.ReadAllBytes(File));

    public static IReadOnlyList<Panel> Panels { get; } =
    [
        .. Json.GetProperty("panels").EnumerateArray().Select(panel => new Panel(
            panel.GetProperty("title").GetString()!,
            panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString()!,
            [
                .. panel.GetProperty("targets").EnumerateArray().Select(t => new PanelQuery(
                    t.GetProperty("expr").GetString()!, t.GetProperty("legendFormat").GetString()!)),
            ])),
    ];
}
