using System.Text.Json;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Messages;

namespace Chat.Api.Messages;

/// <summary>
/// Checks <c>conteudo</c> by <c>tipo</c> and channel, and names each field that is wrong. Members that nobody knows are left alone, and
/// what only the provider can judge (a template's parameters, what a link leads to) is left to it.
/// </summary>
internal static class PostedContent
{
    private const string Root = "conteudo";
    private const int MaxLink = 2048;
    private const int MaxMediaId = 256;
    private const int MaxFileName = 240;
    private const int MaxTemplateName = 512;
    private const int MaxLanguage = 16;
    private const int MaxEmoji = 64;

    // Of an interactive message, as WhatsApp counts them.
    private const int MaxInteractiveBody = 1024;
    private const int MaxButtons = 3;
    private const int MaxRows = 10;

    public static void Check(JsonElement content, string type, ChannelLimits limits, FieldErrors errors)
    {
        var fields = new Members(content, Root, errors);
        switch (type)
        {
            case MessageTypes.Text:
                CheckText(fields);
                break;
            case MessageTypes.Template:
                CheckTemplate(fields);
                break;
            case MessageTypes.Interactive:
                CheckInteractive(fields);
                break;
            case MessageTypes.Reaction:
                CheckReaction(fields);
                return;
            default:
                CheckFile(fields, type, limits);
                break;
        }
        CheckId(fields, "respostaA", isRequired: false);
    }

    private static void CheckText(Members fields)
    {
        if (!fields.TryText("texto", out var text)) return;
        if (string.IsNullOrWhiteSpace(text)) fields.Wrong("texto", UserTexts.NoText);
        else fields.AtMost("texto", text, PostedMessage.MaxText);
    }

    private static void CheckFile(Members fields, string type, ChannelLimits limits)
    {
        if (fields.Object("midia") is not { } file) return;
        if (file.TryText("id", out var id) && file.TryText("link", out var link))
        {
            if ((id is null) == (link is null)) fields.Wrong("midia", UserTexts.IdOrLink);
            else if (id is not null) file.Required("id", MaxMediaId);
            else if (!IsPublicLink(link!)) file.Wrong("link", UserTexts.NotALink(MaxLink));
        }
        if (file.TryText("tipoMime", out var media) && media is not null)
        {
            // Without its parameters: audio/ogg; codecs=opus.
            var bare = media.Split(';')[0].Trim().ToLowerInvariant();
            var allowed = limits.FileTypes[type];
            if (allowed.Count > 0 && !allowed.Contains(bare)) file.Wrong("tipoMime", UserTexts.NotOneOf(string.Join(", ", allowed)));
        }
        file.TextAtMost("nomeArquivo", MaxFileName);
        if (!fields.TryText("legenda", out var caption) || caption is null) return;
        if (!limits.HasCaption(type)) fields.Wrong("legenda", UserTexts.NoCaption);
        else fields.AtMost("legenda", caption, limits.MaxCaption);
    }

    private static bool IsPublicLink(string link) =>
        link.Length <= MaxLink
        && Uri.TryCreate(link, UriKind.Absolute, out var url)
        && url.Scheme is "https" or "http"
        && url.UserInfo.Length == 0;

    private static void CheckTemplate(Members fields)
    {
        if (fields.Object("modelo") is not { } template) return;
        template.Required("nome", MaxTemplateName);
        template.Required("idioma", MaxLanguage);
        if (template.Member("componentes") is { ValueKind: not JsonValueKind.Array }) template.Wrong("componentes", UserTexts.NotAnArray);
    }

    private static void CheckInteractive(Members fields)
    {
        if (fields.Object("interativo") is not { } interactive) return;
        interactive.Required("type", MaxEmoji);
        if (interactive.Member("body") is { ValueKind: JsonValueKind.Object })
            interactive.Object("body")?.TextAtMost("text", MaxInteractiveBody);
        if (interactive.Object("action") is not { } action) return;
        if (Count(action.Member("buttons")) is > MaxButtons) action.Wrong("buttons", UserTexts.LongerThan(MaxButtons));
        if (action.Member("sections") is not { ValueKind: JsonValueKind.Array } sections) return;
        var rows = sections.EnumerateArray().Sum(section =>
            section.ValueKind == JsonValueKind.Object && section.TryGetProperty("rows", out var of) ? Count(of) : 0);
        if (rows > MaxRows) action.Wrong("sections", UserTexts.LongerThan(MaxRows));
    }

    private static void CheckReaction(Members fields)
    {
        if (fields.Object("reacao") is not { } reaction) return;
        CheckId(reaction, "mensagemId", isRequired: true);
        // Empty takes it back.
        if (!reaction.TryText("emoji", out var emoji)) return;
        if (emoji is null) reaction.Wrong("emoji", UserTexts.MissingField);
        else reaction.AtMost("emoji", emoji, MaxEmoji);
    }

    private static void CheckId(Members fields, string name, bool isRequired)
    {
        if (!fields.TryText(name, out var text)) return;
        if (text is null && isRequired) fields.Wrong(name, UserTexts.MissingId);
        else if (text is not null && (!Guid.TryParse(text, out var id) || id == Guid.Empty)) fields.Wrong(name, UserTexts.NotAnId);
    }

    private static int Count(JsonElement? array) => array is { ValueKind: JsonValueKind.Array } items ? items.GetArrayLength() : 0;

    /// <summary>The members of one object of the content.</summary>
    private readonly struct Members(JsonElement source, string path, FieldErrors errors)
    {
        public void Wrong(string name, UserText why) => errors.Add($"{path}.{name}", why);

        public JsonElement? Member(string name) =>
            source.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

        /// <summary>An object, which must be there.</summary>
        public Members? Object(string name)
        {
            if (Member(name) is { ValueKind: JsonValueKind.Object } value) return new(value, $"{path}.{name}", errors);
            Wrong(name, UserTexts.NotAnObject);
            return null;
        }

        /// <summary>A text, null where it is missing; false where it is something else, which is noted.</summary>
        public bool TryText(string name, out string? text)
        {
            text = null;
            if (Member(name) is not { } value) return true;
            if (value.ValueKind != JsonValueKind.String)
            {
                Wrong(name, UserTexts.NotAString);
                return false;
            }
            text = value.GetString();
            return true;
        }

        public void AtMost(string name, string text, int most)
        {
            if (text.Length > most) Wrong(name, UserTexts.TooLong(text.Length, most));
        }

        public void TextAtMost(string name, int most)
        {
            if (TryText(name, out var text) && text is not null) AtMost(name, text, most);
        }

        public void Required(string name, int most)
        {
            if (!TryText(name, out var text)) return;
            if (string.IsNullOrWhiteSpace(text)) Wrong(name, UserTexts.MissingField);
            else AtMost(name, text, most);
        }
    }
}
