using System.Text;
using System.Text.Encodings.Web;

namespace Chat.LoadTest.Deployment;

/// <summary>The report as one page that needs nothing else: its style and its picture are in it, and it has no script.</summary>
internal static class HtmlReport
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
        h2 { margin-top: 2rem; }
        table { border-collapse: collapse; }
        th, td { border-bottom: 1px solid #ddd; padding: .3rem .8rem; text-align: right; font-variant-numeric: tabular-nums; }
        th:first-child, td:first-child, td.long { text-align: left; }
        .verdict { padding: .6rem 1rem; border-left: .4rem solid; font-weight: 600; }
        .good { border-color: #1a7f37; background: #e6f4ea; }
        .bad { border-color: #b42318; background: #fdecea; }
        p.note { color: #555; }
        code { overflow-wrap: anywhere; }
        img { max-width: 100%; height: auto; }
        """;

    // Longer cells are text, and read from the left.
    private const int LongCell = 20;

    /// <param name="picture">A PNG.</param>
    public static string Write(RunResult result, byte[] picture)
    {
        var page = new StringBuilder()
            .Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append($"<title>{Text(RunReport.Title)}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n")
            .Append($"<h1>{Text(RunReport.Title)}</h1>\n")
            .Append($"<p class=\"verdict {(result.IsGood ? "good" : "bad")}\">{Text(RunTables.Verdict(result))}</p>\n")
            .Append($"<p>{result.At:yyyy-MM-dd HH:mm} UTC<br><code>{Text(result.Command)}</code></p>\n")
            .Append("<img alt=\"Histogram of the latencies; the table has their figures\" ")
            .Append($"src=\"data:image/png;base64,{Convert.ToBase64String(picture)}\">\n");
        foreach (var table in RunTables.Of(result)) Append(page, table);
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static void Append(StringBuilder page, ReportTable table)
    {
        page.Append($"<h2>{Text(table.Title)}</h2>\n<table>\n<tr>");
        foreach (var column in table.Columns) page.Append($"<th>{Text(column)}</th>");
        page.Append("</tr>\n");
        foreach (var row in table.Rows)
        {
            page.Append("<tr>");
            foreach (var cell in row) page.Append($"<td{(cell.Length > LongCell ? " class=\"long\"" : "")}>{Text(cell)}</td>");
            page.Append("</tr>\n");
        }
        page.Append("</table>\n");
        if (table.Note is { } note) page.Append($"<p class=\"note\">{Text(note)}</p>\n");
    }

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
