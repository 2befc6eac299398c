using System.Text;

namespace Chat.Core.Text;

/// <summary>
/// Foreign text as a log line, a terminal or an error shows it: cut, on one line, and without what a terminal obeys (escape
/// sequences), what forges a line, or what turns the order of writing round. Takes any string, half surrogate pairs too.
/// </summary>
public static class Printable
{
    /// <summary>What an error repeats of its input, in UTF-16 code units.</summary>
    public const int Excerpt = 64;

    private const char Replacement = '\uFFFD';

    /// <param name="text">Null is shown as nothing.</param>
    /// <param name="maxLength">In UTF-16 code units; what is longer ends with an ellipsis.</param>
    public static string Line(string? text, int maxLength = Excerpt)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var isCut = text.Length > maxLength;
        if (!isCut && IsPlain(text)) return text;
        var line = new StringBuilder(Math.Min(text.Length, maxLength) + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > maxLength) break;
            AppendHarmless(line, rune);
        }
        if (isCut) line.Append('…');
        return line.ToString();
    }

    /// <summary>
    /// A text of several lines, whole: line ends and tabs stay. A carriage return by itself, which would write over its line, does not.
    /// </summary>
    /// <param name="text">Null is shown as nothing.</param>
    public static string Lines(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        if (IsPlain(text, keepsLines: true)) return text;
        var lines = new StringBuilder(text.Length);
        var next = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            next += rune.Utf16SequenceLength;
            if (IsLayout(rune.Value) || (rune.Value == '\r' && next < text.Length && text[next] == '\n')) lines.Append(rune);
            else AppendHarmless(lines, rune);
        }
        return lines.ToString();
    }

    private static void AppendHarmless(StringBuilder text, Rune rune)
    {
        if (Rune.IsControl(rune)) text.Append(' ');
        else if (IsDeceptive(rune.Value)) text.Append(Replacement);
        else text.Append(rune);
    }

    private static bool IsPlain(string text, bool keepsLines = false)
    {
        foreach (var c in text)
        {
            if (keepsLines && IsLayout(c)) continue;
            if (char.IsControl(c) || char.IsSurrogate(c) || IsDeceptive(c)) return false;
        }
        return true;
    }

    private static bool IsLayout(int c) => c is '\n' or '\t';

    // Line and paragraph separators, byte order marks, annotations, and what sets the direction of writing.
    private static bool IsDeceptive(int c) =>
        c is 0x2028 or 0x2029 or 0xFEFF or 0x061C or 0x200E or 0x200F
            or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x206F) or (>= 0xFFF9 and <= 0xFFFB);
}
