using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Chat.LoadTest.Deployment;

/// <summary>The report of a run, for people and for programs.</summary>
internal static partial class RunReport
{
    public const string Title = "Load on a deployment";

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static string Markdown(RunResult result)
    {
        var text = new Markdown()
            .Line($"# {Title}")
            .Line()
            .Line($"**{Escape(RunTables.Verdict(result))}**")
            .Line()
            .Line($"- {result.At:yyyy-MM-dd HH:mm} UTC, `dotnet run -c Release --project Chat.LoadTest -- {result.Command}`");
        foreach (var table in RunTables.Of(result))
        {
            text.Line().Line($"## {table.Title}").Line().Columns(table.Columns);
            foreach (var row in table.Rows) text.Row([.. row.Select(Escape)]);
            if (table.Note is { } note) text.Line().Line(Escape(note));
        }
        return text.ToString();
    }

    public static string Json(RunResult result) => JsonSerializer.Serialize(result, Indented);

    /// <summary>Writes the files, all of them or as many as can be.</summary>
    /// <exception cref="SetupException">The folder can't be written to.</exception>
    public static async Task WriteAsync(string folder, RunResult result, CancellationToken cancellationToken)
    {
        try
        {
            var picture = LatencyPicture.Draw(result);
            await File.WriteAllTextAsync(Path.Combine(folder, "report.md"), Markdown(result), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "report.json"), Json(result), cancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "report.html"), HtmlReport.Write(result, picture), cancellationToken);
            await File.WriteAllBytesAsync(Path.Combine(folder, "latency.png"), picture, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"--output: {folder} can't be written to: {exception.Message}", exception);
        }
    }

    // What a server said may hold anything: a cell is one line, and ends at a bar; and no page shows its HTML, links and pictures.
    private static string Escape(string text) => Special().Replace(text.ReplaceLineEndings(" "), @"\$0");

    [GeneratedRegex(@"[\\|<&`\[]")]
    private static partial Regex Special();
}
