using System.Text;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Errors;
using Chat.MetaSimulator.Graph;
using Chat.MetaSimulator.Media;
using Chat.MetaSimulator.People;

namespace Chat.MetaSimulator.Instagram;

/// <summary>A request to an Instagram account, as it was checked.</summary>
/// <param name="Content">What is sent; null where it is an action alone.</param>
/// <param name="Action">
/// <c>typing_on</c>, <c>typing_off</c>, <c>mark_seen</c>, <c>react</c>, <c>unreact</c>; null where a message is sent.
/// </param>
/// <param name="Target">The message that is reacted to; null for every other action.</param>
/// <param name="Emoji">The reaction; null to take it back.</param>
/// <param name="ReplyTo">The message that it answers; null where it answers none.</param>
/// <param name="IsHumanAgent">Whether a person answers, who has 7 days.</param>
public sealed record InstagramRequest(
    string Recipient, PhoneContent? Content, string? Action, string? Target, string? Emoji, string? ReplyTo, bool IsHumanAgent)
{
    /// <summary>Of a text, in UTF-8.</summary>
    public const int MostBytes = 1000;

    private const int MostImages = 10;
    private const int MostQuickReplies = 13;

    private static readonly string[] AttachmentTypes = ["image", "video", "audio", "file", "template", "MEDIA_SHARE", "like_heart"];
    private static readonly string[] Actions = ["typing_on", "typing_off", "mark_seen", "react", "unreact"];

    /// <summary>Reads a request as Meta checks it: the first thing that is wrong is the error.</summary>
    public static (InstagramRequest? Request, GraphError? Error) Read(JsonObject body)
    {
        if (body.Object("recipient").Text("id") is not { Length: > 0 } recipient)
            return (null, KnownErrors.Parameter("The parameter recipient is required"));
        if (body.Text("sender_action") is { } action) return ReadAction(body, recipient, action);
        if (body.Object("message") is not { } message) return (null, KnownErrors.Parameter("The parameter message is required"));
        var human = body.Text("messaging_type") == "MESSAGE_TAG" && body.Text("tag") == "HUMAN_AGENT";
        var reply = (body.Object("reply_to") ?? message.Object("reply_to")).Text("mid");
        var (content, error) = ReadContent(message);
        return error is not null ? (null, error) : (new(recipient, content, null, null, null, reply, human), null);
    }

    /// <summary>What a request names by a link, whatever else is in it.</summary>
    internal static IEnumerable<MediaLink> LinksOf(JsonObject body) => AttachmentsOf(body.Object("message")).SelectMany(LinkOf);

    /// <summary>The kept files that a request names.</summary>
    internal static IEnumerable<string> IdsOf(JsonObject body) =>
        AttachmentsOf(body.Object("message")).Select(a => a.Object("payload").Id("attachment_id")).OfType<string>();

    /// <summary>The link of a request to keep a file.</summary>
    internal static (MediaLink? Link, GraphError? Error) ReadUpload(JsonObject? body) =>
        LinkOf(body.Object("message").Object("attachment")).FirstOrDefault() is { } link
            ? (link, null)
            : (null, KnownErrors.Parameter("Param message[attachment] needs a type and payload[url]"));

    private static List<JsonObject> AttachmentsOf(JsonObject? message) => message.Object("attachment") is { } one
        ? [one]
        : message.Array("attachments")?.OfType<JsonObject>().ToList() ?? [];

    private static IEnumerable<MediaLink> LinkOf(JsonObject? attachment) =>
        attachment.Text("type") is { } type
        && MediaTypes.HasFile(ChannelNames.Instagram, type)
        && MediaLink.ReadAddress(attachment.Object("payload").Text("url")) is { } address
            ? [new(ChannelNames.Instagram, type, address)]
            : [];

    private static (InstagramRequest?, GraphError?) ReadAction(JsonObject body, string recipient, string action)
    {
        if (!Actions.Contains(action)) return (null, OneOf("sender_action", Actions));
        var payload = body.Object("payload");
        var target = payload.Text("message_id");
        if (action is "react" or "unreact" && target is null)
            return (null, KnownErrors.Parameter("The parameter payload[message_id] is required"));
        var emoji = action == "react" ? payload.Text("reaction") : null;
        if (action == "react" && emoji is null) return (null, KnownErrors.Parameter("The parameter payload[reaction] is required"));
        return (new(recipient, null, action, target, emoji, null, false), null);
    }

    private static (PhoneContent?, GraphError?) ReadContent(JsonObject message)
    {
        var text = message.Text("text");
        var attachments = AttachmentsOf(message);
        if (text is null == (attachments.Count == 0))
            return (null, KnownErrors.Parameter("Exactly one of text and attachment is needed"));
        if (text is not null)
        {
            if (text.Length == 0) return (null, KnownErrors.Parameter("Param message[text] must be a non-empty string"));
            if (Encoding.UTF8.GetByteCount(text) > MostBytes)
                return (null, KnownErrors.Parameter($"Length of param message[text] must be less than or equal to {MostBytes}"));
            var quick = message.Array("quick_replies");
            if (quick?.Count > MostQuickReplies) return (null, KnownErrors.Parameter($"At most {MostQuickReplies} quick replies"));
            var buttons = quick?.OfType<JsonObject>()
                .Select(q => new PhoneButton(q.Text("payload") ?? "", q.Text("title") ?? "")).ToList();
            return (new("text", text, Buttons: buttons), null);
        }
        if (attachments.Count > MostImages) return (null, KnownErrors.Parameter($"At most {MostImages} attachments"));
        foreach (var attachment in attachments)
        {
            if (!AttachmentTypes.Contains(attachment.Text("type")))
                return (null, OneOf("message[attachment][type]", AttachmentTypes));
        }
        var first = attachments[0];
        var (kind, payload) = (first.Text("type")!, first.Object("payload"));
        if (kind == "like_heart") return (new("sticker", "❤"), null);
        if (kind == "MEDIA_SHARE") return (new("share", payload.Id("id")), null);
        if (kind == "template") return (new("template", ReadTemplate(payload)), null);
        var (url, id) = (payload.Text("url"), payload.Id("attachment_id"));
        if (url is null && id is null)
            return (null, KnownErrors.Parameter("Param message[attachment][payload] needs url or attachment_id"));
        if (url is not null && MediaLink.ReadAddress(url) is null)
            return (null, KnownErrors.Parameter("Param message[attachment][payload][url] is not a valid URL"));
        return (new(kind, null, id, url), null);
    }

    private static GraphError OneOf(string parameter, string[] values) =>
        KnownErrors.Parameter($"Param {parameter} must be one of {string.Join(", ", values)}");

    private static string? ReadTemplate(JsonObject? payload) =>
        payload.Text("text") ?? (payload.Array("elements")?.FirstOrDefault() as JsonObject).Text("title");
}
