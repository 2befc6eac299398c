using System.Text;
using System.Text.Json;
using Chat.Core.Events;
using Chat.Core.Json;
using Chat.Core.Messages;

namespace Chat.Api.Media;

/// <summary>A file of a message, as the message's content names it.</summary>
/// <param name="Id">The provider's; null where it gave a link alone.</param>
/// <param name="Link">Where it is at the provider.</param>
/// <param name="Name">As its sender called it.</param>
internal sealed record MessageFile(string? Id, string? Link, string? Name)
{
    /// <summary>The file; null where the message has none.</summary>
    public static MessageFile? Of(Message message)
    {
        using var content = JsonGate.Parse(
            Encoding.UTF8.GetBytes(message.Content), EventLimits.MaxContentBytes, options: default, out _);
        if (content?.RootElement is not { ValueKind: JsonValueKind.Object } root) return null;
        if (!root.TryGetProperty("midia", out var file) || file.ValueKind != JsonValueKind.Object) return null;
        var (id, link) = (Text(file, "id"), Text(file, "link"));
        return id is null && link is null ? null : new(id, link, Text(file, "nomeArquivo"));
    }

    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
