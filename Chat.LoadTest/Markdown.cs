using System.Text;

namespace Chat.LoadTest;

/// <summary>A report in Markdown, built line by line.</summary>
internal sealed class Markdown
{
    private readonly StringBuilder _text = new();

    public Markdown Line(string text = "")
    {
        _text.Append(text).Append('\n');
        return this;
    }

    /// <summary>The head of a table.</summary>
    public Markdown Columns(params IReadOnlyList<string> names) => Row(names).Row([.. names.Select(_ => "---")]);

    public Markdown Row(params IReadOnlyList<string> cells) => Line($"| {string.Join(" | ", cells)} |");

    public override string ToString() => _text.ToString();
}
