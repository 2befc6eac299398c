using System.Text.Json;
using Chat.Connectors.Webhooks;
using Chat.Core.Channels;
using Chat.Core.Contacts;
using Chat.Core.Events;
using Chat.Core.Messages;

namespace Chat.Connectors.Instagram.Receiving;

/// <summary>
/// What a webhook of Instagram's says: every entry, every event of the thread's owner and of the standby, every change, each by itself.
/// What is not known is counted, and nothing throws.
/// </summary>
internal static class InstagramWebhook
{
    // The test button of the app's dashboard names no account.
    private const string TestEntry = "0";

    // An edit, a deletion or a reaction has no id of its own: one is made of what it is about.
    private const int MaxMid = EventLimits.MaxProviderMessageId - 128;

    /// <summary>The fields that an account is to be subscribed to: what is understood as more than something that came.</summary>
    public static readonly string[] Fields = ["messages", "messaging_seen", "message_reactions", "messaging_postbacks", "message_edit"];

    public static IEnumerable<AddressedUpdate> Read(JsonElement root)
    {
        foreach (var entry in root.Objects("entry"))
        {
            var account = entry.Text("id") is TestEntry ? null : entry.Text("id");
            foreach (var item in entry.Objects("messaging").Concat(entry.Objects("standby")))
                yield return new(account, null, ReadItem(item, account));
            foreach (var change in entry.Objects("changes")) yield return new(account, null, ReadChange(change, account));
        }
    }

    private static WebhookUpdate ReadChange(JsonElement change, string? account)
    {
        if (account is null) return new WebhookUpdate.Seen(UpdateKinds.Test);
        return change.Text("field") switch
        {
            // As the same event in "messaging" has it.
            { } field when Fields.Contains(field) && change.Object("value") is { } value => ReadItem(value, account),
            "comments" or "live_comments" or "mentions" or "story_insights" => new WebhookUpdate.Seen(UpdateKinds.Comment),
            _ => new WebhookUpdate.Seen(UpdateKinds.Other),
        };
    }

    private static WebhookUpdate ReadItem(JsonElement item, string? account)
    {
        if (account is null) return new WebhookUpdate.Seen(UpdateKinds.Test);
        var sender = item.Object("sender")?.Text("id")?.Trim();
        var recipient = item.Object("recipient")?.Text("id")?.Trim();
        var at = item.Time("timestamp");
        if (item.Object("message") is { } message) return ReadMessage(message, sender, recipient, account, at);
        if (item.Object("read") is { } read) return ReadSeen(read, at);
        if (item.Object("reaction") is { } reaction) return From(sender, account, Reaction(reaction, sender, at));
        if (item.Object("message_edit") is { } edit) return From(sender, account, Edit(edit, at));
        if (item.Object("postback") is { } postback) return From(sender, account, Postback(postback, sender, at));
        return new WebhookUpdate.Seen(
            item.Object("referral") is not null || item.Object("optin") is not null ? UpdateKinds.Referral
            : item.Object("pass_thread_control") is not null || item.Object("take_thread_control") is not null
                || item.Object("request_thread_control") is not null || item.Object("app_roles") is not null ? UpdateKinds.Handover
            : UpdateKinds.Other);
    }

    private static WebhookUpdate ReadMessage(
        JsonElement message, string? sender, string? recipient, string account, DateTimeOffset? at)
    {
        // What an account writes to itself has nobody to answer.
        if (message.Flag("is_self")) return new WebhookUpdate.Seen(UpdateKinds.Other);
        if (message.Text("mid") is not { Length: <= MaxMid } mid) return new WebhookUpdate.Seen(UpdateKinds.Incomplete);
        var read = message.Flag("is_deleted")
            ? new($"revoke:{mid}", at, InboundTypes.Revoke, new(), Target: new(mid))
            : InstagramMessages.Read(message, mid, at);
        if (!message.Flag("is_echo") && sender != account) return From(sender, account, read);
        return PersonOf(recipient) is { } to ? new WebhookUpdate.Echo(read, to) : new WebhookUpdate.Seen(UpdateKinds.Incomplete);
    }

    private static WebhookUpdate ReadSeen(JsonElement read, DateTimeOffset? at) =>
        read.Text("mid") is { Length: <= MaxMid } mid
            ? new WebhookUpdate.ReadUpTo(mid, at)
            : new WebhookUpdate.Seen(UpdateKinds.Incomplete);

    private static SentMessage? Reaction(JsonElement reaction, string? sender, DateTimeOffset? at)
    {
        if (reaction.Text("mid") is not { Length: <= MaxMid } mid) return null;
        var emoji = reaction.Text("action") == "unreact" ? "" : reaction.Text("emoji") ?? reaction.Text("reaction") ?? "";
        return Bound(new(
            $"reaction:{mid}:{sender}:{at?.ToUnixTimeMilliseconds()}", at, MessageTypes.Reaction, new(), Target: new(mid, emoji)));
    }

    // What an id is made of is the provider's, and may be of any length.
    private static SentMessage? Bound(SentMessage message) =>
        message.ProviderMessageId.Length <= EventLimits.MaxProviderMessageId ? message : null;

    // One without a text was seen too: it says that something was edited, and not to what.
    private static SentMessage? Edit(JsonElement edit, DateTimeOffset? at) =>
        edit.Text("mid") is { Length: <= MaxMid } mid && edit.Text("text") is { } text
            ? Bound(new(
                $"edit:{mid}:{edit.Text("num_edit")}", at, InboundTypes.Edit, new Content().Add("texto", text), Target: new(mid)))
            : null;

    private static SentMessage? Postback(JsonElement postback, string? sender, DateTimeOffset? at)
    {
        var mid = postback.Text("mid") ?? $"postback:{sender}:{at?.ToUnixTimeMilliseconds()}";
        if (mid.Length > MaxMid) return null;
        var title = postback.Text("title");
        var content = new Content()
            .Add("texto", title)
            .Add("resposta", new Content().Add("id", postback.Text("payload")).Add("titulo", title))
            .Add("referencia", postback.Object("referral"));
        return new(mid, at, InboundTypes.Button, content);
    }

    // Our own reactions and edits come back too, and say nothing new.
    private static WebhookUpdate From(string? sender, string account, SentMessage? message) =>
        sender == account ? new WebhookUpdate.Seen(UpdateKinds.Echo)
        : message is not null && PersonOf(sender) is { } from ? new WebhookUpdate.Inbound(message, from)
        : new WebhookUpdate.Seen(UpdateKinds.Incomplete);

    private static Person? PersonOf(string? id) =>
        id is not null && ContactAddress.Find(ChannelCatalog.Instagram, id) is { } address
            ? new([address], SendTo: id, Name: null)
            : null;
}
