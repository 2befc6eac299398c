using System.Text.Json;
using Chat.Core.Messages;

namespace Chat.Connectors.Providers;

/// <summary>Texts of users in a log line: one line, and not a long one.</summary>
internal static class MessageText
{
    private const int Longest = 200;

    /// <summary>The text of a text message; the type of any other.</summary>
    public static string Describe(Message message)
    {
        using var content = JsonDocument.Parse(message.Content);
        return content.RootElement.TryGetProperty("texto", out var text) && text.ValueKind == JsonValueKind.String
            ? ToSingleLine(text.GetString()!)
            : ToSingleLine($"({message.Type})");
    }

    /// <summary>At most 200 characters, none of them a control character, which could forge a line of the log.</summary>
    public static string ToSingleLine(string text)
    {
        var cut = text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "…");
        return string.Create(cut.Length, cut, static (line, source) =>
        {
            for (var i = 0; i < line.Length; i++) line[i] = char.IsControl(source[i]) ? ' ' : source[i];
        });
    }
}
