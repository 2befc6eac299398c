using System.Text;
using System.Text.Json;
using Chat.Core.Events;
using Chat.Core.Json;

namespace Chat.Core.Messages;

/// <summary>Reads <see cref="Message.Content"/> as it was stored, also long ago, before contents were checked. Never throws.</summary>
public static class MessageContent
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = EventLimits.MaxDepth };

    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    /// <summary>The content, each half of a surrogate pair replaced by U+FFFD; an empty object where it is no JSON at all.</summary>
    public static JsonElement Read(string content)
    {
        var json = Encoding.UTF8.GetBytes(content);
        if (SurrogateEscapes.HasHalf(json)) json = SurrogateEscapes.ReplaceHalves(json);
        using var document = JsonGate.Parse(json, int.MaxValue, Options, out _);
        return document?.RootElement.Clone() ?? Empty;
    }

    /// <summary>The text of a text message; null where it has none.</summary>
    public static string? TextOf(string content) =>
        Read(content) is { ValueKind: JsonValueKind.Object } read
        && read.TryGetProperty("texto", out var text) && text.ValueKind == JsonValueKind.String
            ? text.GetString()
            : null;
}
