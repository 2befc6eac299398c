using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Graph;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.People;

namespace Chat.MetaSimulator.WhatsApp;

/// <summary>A request to send a message, as it was checked.</summary>
/// <param name="To">Digits; null where the recipient is a business-scoped id.</param>
/// <param name="UserId">The business-scoped id; null where the recipient is a number.</param>
/// <param name="Input">The recipient as it was written.</param>
/// <param name="ReplyTo">The message that it answers; null where it answers none.</param>
/// <param name="Reaction">The message it reacts to, and the emoji, empty to take it back; null for every other type.</param>
public sealed record WhatsAppRequest(
    string? To,
    string? UserId,
    string Input,
    PhoneContent Content,
    string? OpaqueData,
    string? ReplyTo,
    (string MessageId, string Emoji)? Reaction)
{
    public const int MostText = 4096;

    private const int MostCaption = 1024;
    private const int MostOpaque = 512;
    private const int MostButtons = 3;
    private const int MostRows = 10;

    private static readonly string[] Types =
    [
        "text", "image", "document", "audio", "video", "sticker", "location", "contacts", "template", "interactive", "reaction",
    ];

    public bool IsTemplate => Content.Type == "template";

    /// <summary>Reads a request as Meta checks it: the first thing that is wrong is the error.</summary>
    public static (WhatsAppRequest? Request, GraphError? Error) Read(JsonObject body)
    {
        if (body.Text("messaging_product") != "whatsapp")
            return (null, KnownErrors.Parameter("The parameter messaging_product is required."));
        var (to, user) = (body.Text("to"), body.Text("recipient"));
        if (to is null && user is null) return (null, KnownErrors.Parameter("The parameter to is required."));
        var digits = WaNumbers.Read(to);
        if (to is not null && digits is null) return (null, KnownErrors.Invalid("to is not a valid phone number"));
        var type = body.Text("type") ?? "text";
        if (!Types.Contains(type)) return (null, KnownErrors.Parameter($"Param type must be one of {{{string.Join(", ", Types)}}}"));
        var opaque = body.Text("biz_opaque_callback_data");
        if (opaque?.Length > MostOpaque)
            return (null, KnownErrors.Parameter($"Param biz_opaque_callback_data must be at most {MostOpaque} characters long."));
        if (body[type] is null) return (null, KnownErrors.Missing(type));
        if (ReadContent(body, type, out var content) is { } wrong) return (null, wrong);
        (string, string)? reaction = type == "reaction"
            ? (body.Object(type).Text("message_id")!, body.Object(type).Text("emoji") ?? "")
            : null;
        var context = body.Object("context").Text("message_id");
        return (new(digits, to is null ? user : null, to ?? user!, content!, opaque, context, reaction), null);
    }

    /// <summary>What a request names by a link, whatever else is in it.</summary>
    internal static IEnumerable<MediaLink> LinksOf(JsonObject body) =>
        body.Text("type") is { } type
        && MediaTypes.HasFile(ChannelNames.WhatsApp, type)
        && MediaLink.ReadAddress(body.Object(type).Text("link")) is { } address
            ? [new(ChannelNames.WhatsApp, type, address)]
            : [];

    private static GraphError? ReadContent(JsonObject body, string type, out PhoneContent? content)
    {
        content = null;
        if (type == "contacts")
        {
            if (body.Array(type) is not { Count: > 0 } people) return KnownErrors.Missing("contacts");
            var names = people.Select(p => (p as JsonObject).Object("name").Text("formatted_name"));
            if (names.Contains(null)) return KnownErrors.Missing("contacts['name']['formatted_name']");
            content = new(type, string.Join(", ", names));
            return null;
        }
        if (body.Object(type) is not { } part) return KnownErrors.Parameter($"Param {type} must be a JSON object.");
        switch (type)
        {
            case "text":
                if (part.Text("body") is not { Length: > 0 } text) return KnownErrors.Missing("text['body']");
                if (text.Length > MostText)
                    return KnownErrors.Parameter($"Param text['body'] must be at most {MostText} characters long.");
                content = new(type, text);
                return null;
            case "image" or "document" or "audio" or "video" or "sticker":
                return ReadMedia(part, type, out content);
            case "location":
                if (!part.IsNumber("latitude")) return KnownErrors.Missing("location['latitude']");
                if (!part.IsNumber("longitude")) return KnownErrors.Missing("location['longitude']");
                content = new(type, part.Text("name") ?? $"{part.Id("latitude")}, {part.Id("longitude")}");
                return null;
            case "template":
                if (part.Text("name") is not { Length: > 0 } name) return KnownErrors.Missing("template['name']");
                if (part.Object("language").Text("code") is not { Length: > 0 } code)
                    return KnownErrors.Missing("template['language']['code']");
                content = new(type, $"{name} ({code})");
                return null;
            case "reaction":
                if (part.Text("message_id") is null) return KnownErrors.Missing("reaction['message_id']");
                if (part.Text("emoji") is null) return KnownErrors.Missing("reaction['emoji']");
                content = new(type, part.Text("emoji"));
                return null;
            default:
                return ReadInteractive(part, out content);
        }
    }

    private static GraphError? ReadMedia(JsonObject part, string type, out PhoneContent? content)
    {
        content = null;
        var (id, link, caption) = (part.Text("id"), part.Text("link"), part.Text("caption"));
        if (id is null == link is null) return KnownErrors.Parameter($"Param {type} must have either 'id' or 'link'.");
        if (link is not null && MediaLink.ReadAddress(link) is null)
            return KnownErrors.Parameter($"Param {type}['link'] is not a valid URI.");
        if (caption is not null && type is ("audio" or "sticker"))
            return KnownErrors.Parameter($"Unexpected key \"caption\" on param \"{type}\".");
        if (caption?.Length > MostCaption)
            return KnownErrors.Parameter($"Param {type}['caption'] must be at most {MostCaption} characters long.");
        content = new(type, caption, id, link, part.Text("filename"));
        return null;
    }

    private static GraphError? ReadInteractive(JsonObject part, out PhoneContent? content)
    {
        content = null;
        var kind = part.Text("type");
        if (kind is null) return KnownErrors.Missing("interactive['type']");
        if (part.Object("action") is not { } action) return KnownErrors.Missing("interactive['action']");
        var text = part.Object("body").Text("text");
        if (text is not { Length: > 0 }) return KnownErrors.Missing("interactive['body']['text']");
        var buttons = new List<PhoneButton>();
        if (kind == "button")
        {
            if (action.Array("buttons") is not { Count: > 0 and <= MostButtons } given)
                return KnownErrors.Invalid($"interactive['action']['buttons'] has 1 to {MostButtons}");
            buttons.AddRange(given.Select(b => Button((b as JsonObject).Object("reply"))));
        }
        else if (kind == "list")
        {
            var rows = action.Array("sections")?.SelectMany(s => (s as JsonObject).Array("rows") ?? []).ToList() ?? [];
            if (rows.Count is 0 or > MostRows) return KnownErrors.Invalid($"interactive['action']['sections'] has 1 to {MostRows} rows");
            buttons.AddRange(rows.Select(r => Button(r as JsonObject) with
            {
                IsRow = true,
                Description = (r as JsonObject).Text("description"),
            }));
        }
        if (buttons.Exists(b => b.Id.Length == 0 || b.Title.Length == 0)) return KnownErrors.Missing("id or title of a button");
        content = new("interactive", text, Buttons: buttons);
        return null;
    }

    private static PhoneButton Button(JsonObject? reply) => new(reply.Text("id") ?? "", reply.Text("title") ?? "");
}
