using System.Globalization;
using System.Text;

namespace Chat.Connectors.Instagram.Sending;

/// <summary>Cuts a text into what fits into one message.</summary>
internal static class TextParts
{
    /// <summary>
    /// Parts of at most so many bytes of UTF-8, which together are the text. Cut after a space or a line's end where that leaves a part
    /// of half the size or more, else between characters as people see them.
    /// </summary>
    public static IReadOnlyList<string> Split(string text, int maxBytes)
    {
        var parts = new List<string>();
        var (start, end, bytes, space) = (0, 0, 0, 0);
        foreach (var piece in PiecesOf(text, maxBytes))
        {
            var size = Encoding.UTF8.GetByteCount(piece);
            // Twice where what came after the space, and this piece, are too long together.
            while (bytes + size > maxBytes)
            {
                var cut = space > start + ((end - start) / 2) ? space : end;
                parts.Add(text[start..cut]);
                start = cut;
                bytes = Encoding.UTF8.GetByteCount(text.AsSpan(start, end - start));
            }
            end += piece.Length;
            bytes += size;
            if (string.IsNullOrWhiteSpace(piece)) space = end;
        }
        if (end > start) parts.Add(text[start..end]);
        return parts;
    }

    // One that is itself too long, an accent heaped on another, goes by its code points.
    private static IEnumerable<string> PiecesOf(string text, int maxBytes)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            if (Encoding.UTF8.GetByteCount(element) <= maxBytes) yield return element;
            else
            {
                for (var i = 0; i < element.Length; i += char.IsSurrogatePair(element, i) ? 2 : 1)
                    yield return element.Substring(i, char.IsSurrogatePair(element, i) ? 2 : 1);
            }
        }
    }
}
