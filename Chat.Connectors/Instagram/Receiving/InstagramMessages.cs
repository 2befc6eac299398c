using System.Text.Json;
using Chat.Connectors.Webhooks;
using Chat.Core.Messages;

namespace Chat.Connectors.Instagram.Receiving;

/// <summary>What a message of Instagram's holds: a text, or attachments.</summary>
internal static class InstagramMessages
{
    public static SentMessage Read(JsonElement message, string mid, DateTimeOffset? at)
    {
        var (type, content) = ReadContent(message);
        content
            .Add("referencia", message.Object("referral") ?? message.Object("reply_to")?.Object("story"));
        return new(mid, at, MessageWords.Bound(type), content, message.Object("reply_to")?.Text("mid"));
    }

    private static (string Type, Content Content) ReadContent(JsonElement message)
    {
        var text = message.Text("text");
        if (message.Objects("attachments").ToList() is { Count: > 0 } attachments) return ReadAttachments(message, attachments, text);
        if (message.Flag("is_unsupported") || text is null) return (InboundTypes.Unsupported, Content.Raw(message));
        var content = new Content().Add("texto", text);
        if (message.Object("quick_reply") is not { } chosen) return (MessageTypes.Text, content);
        return (InboundTypes.Button, content.Add("resposta", new Content().Add("id", chosen.Text("payload")).Add("titulo", text)));
    }

    private static (string Type, Content Content) ReadAttachments(JsonElement message, List<JsonElement> attachments, string? text)
    {
        var type = attachments[0].Text("type") ?? "";
        var known = type switch
        {
            "image" => MessageTypes.Image,
            "video" => MessageTypes.Video,
            "audio" => MessageTypes.Audio,
            "file" => MessageTypes.Document,
            _ => null,
        };
        // Shared posts, stories, reels, and what comes next.
        if (known is null) return (type, Content.Raw(message).Add("legenda", text));
        var content = new Content().Add("midia", Media(attachments[0])).Add("legenda", text);
        // Several pictures of one message: the first is shown, and all of them are there.
        if (attachments.Count > 1 && message.TryGetProperty("attachments", out var all)) content.Add("anexos", all);
        return (known, content);
    }

    private static Content Media(JsonElement attachment) => new Content().Add("link", attachment.Object("payload")?.Text("url"));
}
