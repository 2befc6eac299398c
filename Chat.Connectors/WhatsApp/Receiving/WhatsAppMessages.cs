using System.Text.Json;
using Chat.Connectors.Webhooks;
using Chat.Core.Events;
using Chat.Core.Messages;

namespace Chat.Connectors.WhatsApp.Receiving;

/// <summary>What a message of WhatsApp's holds, by its type; of a type that is not known, all of it.</summary>
internal static class WhatsAppMessages
{
    /// <summary>The message; null where it has no id or no type.</summary>
    public static SentMessage? Read(JsonElement message)
    {
        if (message.Text("id") is not { Length: <= EventLimits.MaxProviderMessageId } id) return null;
        if (message.Text("type") is not { } type) return null;
        var body = message.Object(type) ?? default;
        var (known, content, target) = Read(type, body, message);
        var context = message.Object("context") ?? default;
        content
            .Add("encaminhada", context.Flag("forwarded") || context.Flag("frequently_forwarded"))
            .Add("produto", context.Object("referred_product"))
            .Add("referencia", message.Object("referral"));
        return new(id, message.Time("timestamp"), MessageWords.Bound(known), content, context.Text("id"), target);
    }

    private static (string Type, Content Content, MessageTarget? Target) Read(string type, JsonElement body, JsonElement message)
    {
        switch (type)
        {
            case "text":
                return (MessageTypes.Text, new Content().Add("texto", body.Text("body") ?? ""), null);
            case "image" or "video" or "audio" or "document" or "sticker":
                return (type, new Content().Add("midia", Media(body)).Add("legenda", body.Text("caption")), null);
            case "location":
                return (type, new Content().Add("localizacao", body), null);
            case "contacts" when message.TryGetProperty("contacts", out var cards) && cards.ValueKind == JsonValueKind.Array:
                return (type, new Content().Add("contatos", cards), null);
            case "button":
                return (type, Reply(body.Text("payload"), body.Text("text")), null);
            case "interactive" when (body.Object("button_reply") ?? body.Object("list_reply")) is { } chosen:
                return (type, Reply(chosen.Text("id"), chosen.Text("title")), null);
            case "interactive":
                return (type, new Content().Add("texto", body.Object("nfm_reply")?.Text("body")).Add("interativo", body), null);
            case "reaction" when body.Text("message_id") is { } to:
                return (type, new(), new(to, body.Text("emoji") ?? ""));
            case "edit" when body.Text("original_message_id") is { } edited:
                return (type, new Content().Add("texto", EditedText(body)), new(edited));
            case "revoke" when body.Text("original_message_id") is { } revoked:
                return (type, new(), new(revoked));
            case "system":
                return (type, new Content().Add("texto", body.Text("body")).Add("bruto", body), null);
            default:
                return (type, Content.Raw(message), null);
        }
    }

    private static Content Media(JsonElement media) => new Content()
        .Add("id", media.Text("id"))
        .Add("link", media.Text("url"))
        .Add("tipoMime", media.Text("mime_type"))
        .Add("sha256", media.Text("sha256"))
        .Add("nomeArquivo", media.Text("filename"))
        .Add("voz", media.Flag("voice"))
        .Add("animada", media.Flag("animated"));

    private static Content Reply(string? id, string? title) => new Content()
        .Add("texto", title)
        .Add("resposta", new Content().Add("id", id).Add("titulo", title));

    // An edit holds the whole message as it is now.
    private static string? EditedText(JsonElement edit)
    {
        var message = edit.Object("message") ?? default;
        var body = message.Object(message.Text("type") ?? "text") ?? default;
        return body.Text("body") ?? body.Text("caption");
    }
}
