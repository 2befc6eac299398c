using System.Text.Json;
using Chat.Core.Messages;

namespace Chat.Connectors.Providers.Meta;

/// <summary>
/// A message's content as it is sent. What was posted long ago, or written to the log by somebody else, may hold anything: what isn't
/// there, or is of another type, is null.
/// </summary>
internal sealed class SentContent(Message message)
{
    private readonly JsonElement _content = MessageContent.Read(message.Content);

    public string Type => message.Type;

    public string? Text => TextOf(_content, "texto");

    public string? Caption => TextOf(_content, "legenda");

    /// <summary>The file's id at the provider.</summary>
    public string? MediaId => TextOf(Media, "id");

    /// <summary>Where the provider can get the file.</summary>
    public string? MediaLink => TextOf(Media, "link");

    public string? FileName => TextOf(Media, "nomeArquivo");

    public string? TemplateName => TextOf(Template, "nome");

    public string? TemplateLanguage => TextOf(Template, "idioma");

    /// <summary>As Meta has them; null where the template has none.</summary>
    public JsonElement? TemplateComponents => Member(Template, "componentes", JsonValueKind.Array);

    /// <summary>As Meta has it.</summary>
    public JsonElement? Interactive => Member(_content, "interativo", JsonValueKind.Object);

    /// <summary>Empty where a reaction is taken back; null in anything else.</summary>
    public string? Emoji => Member(_content, "reacao", JsonValueKind.Object) is { } reaction ? TextOf(reaction, "emoji") ?? "" : null;

    private JsonElement? Media => Member(_content, "midia", JsonValueKind.Object);

    private JsonElement? Template => Member(_content, "modelo", JsonValueKind.Object);

    private static string? TextOf(JsonElement? parent, string name) =>
        Member(parent, name, JsonValueKind.String) is { } value && value.GetString() is { Length: > 0 } text ? text : null;

    private static JsonElement? Member(JsonElement? parent, string name, JsonValueKind kind) =>
        parent is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : null;
}
