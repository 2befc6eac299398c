using System.Text;

namespace Chat.Core.Text;

/// <summary>Texts bounded by their bytes in UTF-8.</summary>
public static class Utf8Length
{
    private const string Ellipsis = "…";
    private const int MaxBytesPerUnit = 3;

    private static readonly int EllipsisBytes = Encoding.UTF8.GetByteCount(Ellipsis);

    /// <summary>
    /// The text, or as many whole characters of it as fit with an ellipsis after them. At most <paramref name="maxBytes"/>, which is 3
    /// at least; cutting twice is cutting once.
    /// </summary>
    public static string Truncate(string text, int maxBytes)
    {
        if (text.Length <= maxBytes / MaxBytesPerUnit || Encoding.UTF8.GetByteCount(text) <= maxBytes) return text;
        var (left, length) = (maxBytes - EllipsisBytes, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0) break;
            length += rune.Utf16SequenceLength;
        }
        return string.Concat(text.AsSpan(0, length), Ellipsis);
    }
}
