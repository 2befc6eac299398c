using System.Text.Json;
using Chat.Connectors.Providers;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Messages;
using Chat.Core.Providers;

namespace Chat.Connectors.Instagram.Sending;

/// <summary>The bodies of <c>POST /{IG_ID}/messages</c>: a message of ours may be several there.</summary>
internal static class InstagramRequest
{
    /// <summary>Of a text, in UTF-8.</summary>
    public const int MaxTextBytes = 1000;

    /// <summary>A message's bodies, in the order in which they go; null where it can't be sent, and why.</summary>
    /// <param name="asHumanAgent">See <see cref="InstagramOptions.HumanAgent"/>.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>>? TryWrite(Outgoing outgoing, out string? why, bool asHumanAgent = false)
    {
        var content = new SentContent(outgoing.Message);
        why = WhyNot(outgoing, content);
        if (why is not null) return null;
        var recipient = outgoing.Recipient!;
        switch (content.Type)
        {
            case MessageTypes.Text:
                return Texts(recipient, content.Text, outgoing.RefersTo, asHumanAgent);
            case MessageTypes.Reaction:
                return [Reaction(recipient, outgoing.RefersTo!, content.Emoji!)];
            default:
                // Text beside a file is a message of its own.
                return
                [
                    File(recipient, content, outgoing.RefersTo, asHumanAgent),
                    .. Texts(recipient, content.Caption, replied: null, asHumanAgent),
                ];
        }
    }

    /// <summary>What is no message: <c>mark_seen</c>, <c>typing_on</c>.</summary>
    public static ReadOnlyMemory<byte> WriteAction(string recipient, string action) => Action(recipient, action, _ => { });

    private static string? WhyNot(Outgoing outgoing, SentContent content)
    {
        if (outgoing.Recipient is null) return "There is no recipient's address";
        return content.Type switch
        {
            MessageTypes.Text => content.Text is null ? "There is no text" : null,
            MessageTypes.Image or MessageTypes.Document or MessageTypes.Audio or MessageTypes.Video =>
                content.MediaId is null && content.MediaLink is null ? "There is no file" : null,
            MessageTypes.Reaction => content.Emoji is null ? "There is no reaction"
                : outgoing.RefersTo is null ? "The message that it reacts to is not known to Instagram"
                : null,
            _ => "This kind of message can't be sent on Instagram",
        };
    }

    private static List<ReadOnlyMemory<byte>> Texts(string recipient, string? text, string? replied, bool asHumanAgent)
    {
        if (text is null) return [];
        var parts = TextParts.Split(text, MaxTextBytes);
        return
        [
            .. parts.Select((part, i) => Message(
                recipient, i == 0 ? replied : null, asHumanAgent, message => message.WriteString("text", part))),
        ];
    }

    private static ReadOnlyMemory<byte> File(string recipient, SentContent content, string? replied, bool asHumanAgent) => Message(
        recipient,
        replied,
        asHumanAgent,
        message => message.WriteObject("attachment", attachment =>
        {
            attachment.WriteString("type", content.Type == MessageTypes.Document ? "file" : content.Type);
            attachment.WriteObject("payload", payload =>
            {
                if (content.MediaId is { } id) payload.WriteString("attachment_id", id);
                else payload.WriteString("url", content.MediaLink);
            });
        }));

    private static ReadOnlyMemory<byte> Message(
        string recipient, string? replied, bool asHumanAgent, Action<Utf8JsonWriter> members) =>
        GraphJson.Write(json =>
        {
            json.WriteObject("recipient", to => to.WriteString("id", recipient));
            json.WriteObject("message", members);
            if (asHumanAgent)
            {
                json.WriteString("messaging_type", "MESSAGE_TAG");
                json.WriteString("tag", "HUMAN_AGENT");
            }
            if (replied is not null) json.WriteObject("reply_to", to => to.WriteString("mid", replied));
        });

    private static ReadOnlyMemory<byte> Reaction(string recipient, string messageId, string emoji) => Action(
        recipient,
        emoji.Length == 0 ? "unreact" : "react",
        json => json.WriteObject("payload", payload =>
        {
            payload.WriteString("message_id", messageId);
            // The heart has a name there.
            if (emoji.Length > 0) payload.WriteString("reaction", emoji.StartsWith('❤') ? "love" : emoji);
        }));

    private static ReadOnlyMemory<byte> Action(string recipient, string action, Action<Utf8JsonWriter> members) =>
        GraphJson.Write(json =>
        {
            json.WriteObject("recipient", to => to.WriteString("id", recipient));
            json.WriteString("sender_action", action);
            members(json);
        });
}
