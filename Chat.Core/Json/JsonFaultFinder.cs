using System.Text.Json;
using Chat.Core.Text;

namespace Chat.Core.Json;

/// <summary>
/// Says what is wrong with JSON that could not be read. The exception's own text is for nobody: it may repeat the input. Goes over
/// the JSON once more, which only a bad input costs.
/// </summary>
internal static class JsonFaultFinder
{
    private const int DefaultDepth = 64;

    /// <param name="json">Its texts can be decoded.</param>
    /// <param name="maxDepth">0: as the serializer has it.</param>
    public static JsonFault Explain(ReadOnlySpan<byte> json, JsonException exception, int maxDepth, bool allowDuplicates)
    {
        if (maxDepth == 0) maxDepth = DefaultDepth;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = json.Length + 1 });
        try
        {
            // Of duplicates only the first matters, whatever comes after it is known to be JSON only at the end.
            var duplicate = false;
            var names = new Stack<HashSet<string>>();
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= maxDepth:
                        return new(JsonFaultKind.TooDeep, $"nested deeper than {maxDepth}");
                    case JsonTokenType.StartObject:
                        names.Push([]);
                        break;
                    case JsonTokenType.EndObject:
                        names.Pop();
                        break;
                    case JsonTokenType.PropertyName when !allowDuplicates && !duplicate:
                        duplicate = !names.Peek().Add(reader.GetString()!);
                        break;
                }
            }
            if (duplicate) return new(JsonFaultKind.DuplicateName, "has a member twice");
        }
        catch (JsonException broken)
        {
            var (line, place) = ((broken.LineNumber ?? 0) + 1, (broken.BytePositionInLine ?? 0) + 1);
            return new(JsonFaultKind.NotJson, $"not valid JSON at line {line}, byte {place}", null, line, place);
        }
        return new(JsonFaultKind.WrongType, "has the wrong type", FieldOf(exception));
    }

    /// <summary>The field whose text has half of a surrogate pair, or which has such a name in it; null where it is no member's.</summary>
    public static string? FieldOfHalf(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = json.Length + 1 });
        var path = new List<string>();
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.String)) continue;
                // Names of objects that ended, and of those that an array is between.
                var isName = reader.TokenType == JsonTokenType.PropertyName;
                var depth = reader.CurrentDepth - (isName ? 1 : 0);
                if (path.Count > depth) path.RemoveRange(depth, path.Count - depth);
                if (SurrogateEscapes.HasHalf(reader.ValueSpan)) break;
                if (!isName) continue;
                while (path.Count < depth) path.Add("");
                path.Add(reader.GetString()!);
            }
        }
        catch (JsonException)
        {
            // No JSON either: there are no fields to speak of.
            return null;
        }
        var field = string.Join('.', path.Where(n => n.Length > 0));
        return field.Length > 0 ? Printable.Line(field) : null;
    }

    // A path other than the whole document's names the field whose type is wrong.
    private static string? FieldOf(JsonException exception) =>
        exception.Path is ['$', '.', .. { Length: > 0 } field] ? Printable.Line(field) : null;
}
