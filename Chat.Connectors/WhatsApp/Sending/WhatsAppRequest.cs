using System.Text.Json;
using Chat.Connectors.Providers;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Contacts;
using Chat.Core.Ids;
using Chat.Core.Messages;

namespace Chat.Connectors.WhatsApp.Sending;

/// <summary>The bodies of <c>POST /{phone_number_id}/messages</c>.</summary>
internal static class WhatsAppRequest
{
    /// <summary>A message's body; null where it can't be sent, and why.</summary>
    public static ReadOnlyMemory<byte>? TryWrite(Outgoing outgoing, out string? why)
    {
        var content = new SentContent(outgoing.Message);
        why = WhyNot(outgoing, content);
        if (why is not null) return null;
        return GraphJson.Write(json =>
        {
            json.WriteString("messaging_product", "whatsapp");
            json.WriteString("recipient_type", "individual");
            WriteRecipient(json, outgoing.Recipient!);
            json.WriteString("type", content.Type);
            json.WriteObject(content.Type, inner => WriteContent(inner, content, outgoing));
            if (content.Type != MessageTypes.Reaction && outgoing.RefersTo is { } replied)
                json.WriteObject("context", context => context.WriteString("message_id", replied));
            // Comes back in every status: proof of what became of a request whose answer was lost.
            json.WriteString("biz_opaque_callback_data", MessageIds.Format(outgoing.Message.MessageId));
        });
    }

    /// <summary>Marks an inbound message, and all before it, as read; with the sign that somebody types or without.</summary>
    public static ReadOnlyMemory<byte> WriteRead(string inboundId, bool isTyping) => GraphJson.Write(json =>
    {
        json.WriteString("messaging_product", "whatsapp");
        json.WriteString("status", "read");
        json.WriteString("message_id", inboundId);
        if (isTyping) json.WriteObject("typing_indicator", typing => typing.WriteString("type", "text"));
    });

    private static string? WhyNot(Outgoing outgoing, SentContent content)
    {
        if (outgoing.Recipient is not { } recipient) return "There is no recipient's address";
        if (PhoneNumbers.Digits(recipient) is null && !BusinessScopedUserIds.IsOne(recipient)) return "The recipient is not a phone number";
        return content.Type switch
        {
            MessageTypes.Text => content.Text is null ? "There is no text" : null,
            MessageTypes.Image or MessageTypes.Document or MessageTypes.Audio or MessageTypes.Video =>
                content.MediaId is null && content.MediaLink is null ? "There is no file" : null,
            MessageTypes.Template => content.TemplateName is null || content.TemplateLanguage is null
                ? "The template has no name or no language"
                : null,
            MessageTypes.Interactive => content.Interactive is null ? "There is nothing interactive" : null,
            MessageTypes.Reaction => content.Emoji is null ? "There is no reaction"
                : outgoing.RefersTo is null ? "The message that it reacts to is not known to WhatsApp"
                : null,
            _ => "This kind of message can't be sent on WhatsApp",
        };
    }

    private static void WriteRecipient(Utf8JsonWriter json, string recipient)
    {
        if (PhoneNumbers.Digits(recipient) is { } digits) json.WriteString("to", digits);
        else json.WriteString("recipient", recipient);
    }

    private static void WriteContent(Utf8JsonWriter json, SentContent content, Outgoing outgoing)
    {
        switch (content.Type)
        {
            case MessageTypes.Text:
                json.WriteString("body", content.Text);
                break;
            case MessageTypes.Template:
                json.WriteString("name", content.TemplateName);
                json.WriteObject("language", language => language.WriteString("code", content.TemplateLanguage));
                if (content.TemplateComponents is { } components)
                {
                    json.WritePropertyName("components");
                    components.WriteTo(json);
                }
                break;
            case MessageTypes.Interactive:
                foreach (var member in content.Interactive!.Value.EnumerateObject()) member.WriteTo(json);
                break;
            case MessageTypes.Reaction:
                json.WriteString("message_id", outgoing.RefersTo);
                json.WriteString("emoji", content.Emoji);
                break;
            default:
                if (content.MediaId is { } id) json.WriteString("id", id);
                else json.WriteString("link", content.MediaLink);
                if (content.Type != MessageTypes.Audio) json.WriteText("caption", content.Caption);
                if (content.Type == MessageTypes.Document) json.WriteText("filename", content.FileName);
                break;
        }
    }
}
