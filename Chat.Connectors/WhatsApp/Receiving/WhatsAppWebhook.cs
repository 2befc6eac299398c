using System.Text.Json;
using Chat.Connectors.Webhooks;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Statuses;
using Chat.Core.Text;

namespace Chat.Connectors.WhatsApp.Receiving;

/// <summary>
/// What a webhook of the WhatsApp Business Platform says: every entry, every change, every element of every array, each by itself. What
/// is not known is counted, and nothing throws.
/// </summary>
internal static class WhatsAppWebhook
{
    public static IEnumerable<AddressedUpdate> Read(JsonElement root)
    {
        foreach (var entry in root.Objects("entry"))
        {
            var business = entry.Text("id");
            foreach (var change in entry.Objects("changes"))
            {
                var value = change.Object("value") ?? default;
                var account = value.Object("metadata")?.Text("phone_number_id");
                foreach (var update in ReadChange(change.Text("field") ?? "", value)) yield return new(account, business, update);
            }
        }
    }

    private static IEnumerable<WebhookUpdate> ReadChange(string field, JsonElement value) => field switch
    {
        "messages" => ReadMessages(value),
        "smb_message_echoes" => ReadEchoes(value),
        "user_id_update" => ReadUserIds(value),
        _ => [new WebhookUpdate.Seen(KindOf(field))],
    };

    private static string KindOf(string field) => field switch
    {
        "history" or "smb_app_state_sync" => UpdateKinds.History,
        "calls" => UpdateKinds.Call,
        "user_preferences" => UpdateKinds.Preference,
        _ when field.StartsWith("message_template", StringComparison.Ordinal)
            || field.StartsWith("template_", StringComparison.Ordinal) => UpdateKinds.Template,
        _ when field.StartsWith("group_", StringComparison.Ordinal) => UpdateKinds.Group,
        "security" or "business_capability_update" => UpdateKinds.Account,
        _ when field.StartsWith("account_", StringComparison.Ordinal)
            || field.StartsWith("phone_number_", StringComparison.Ordinal) => UpdateKinds.Account,
        _ => UpdateKinds.Other,
    };

    // One bad element harms no other, and statuses wait for no message nor the reverse.
    private static IEnumerable<WebhookUpdate> ReadMessages(JsonElement value)
    {
        var people = new WhatsAppContacts(value);
        foreach (var message in value.Objects("messages"))
        {
            foreach (var update in ReadMessage(message, people)) yield return update;
        }
        foreach (var status in value.Objects("statuses")) yield return ReadStatus(status);
        foreach (var error in value.Objects("errors"))
            yield return new WebhookUpdate.Trouble(Printable.Line(error.Text("code")), Printable.Line(error.Text("title")));
    }

    private static IEnumerable<WebhookUpdate> ReadMessage(JsonElement message, WhatsAppContacts people)
    {
        var from = WhatsAppPeople.SenderOf(message, people);
        if (from is null || WhatsAppMessages.Read(message) is not { } read)
        {
            yield return new WebhookUpdate.Seen(UpdateKinds.Incomplete);
            yield break;
        }
        if (WhatsAppPeople.MovedTo(message) is { } now) yield return new WebhookUpdate.Moved(from, now, read.At);
        yield return new WebhookUpdate.Inbound(read, from);
    }

    private static IEnumerable<WebhookUpdate> ReadEchoes(JsonElement value)
    {
        var people = new WhatsAppContacts(value);
        foreach (var message in value.Objects("message_echoes"))
        {
            var to = WhatsAppPeople.RecipientOf(message, people);
            yield return to is not null && WhatsAppMessages.Read(message) is { } read
                ? new WebhookUpdate.Echo(read, to)
                : new WebhookUpdate.Seen(UpdateKinds.Incomplete);
        }
    }

    private static IEnumerable<WebhookUpdate> ReadUserIds(JsonElement value)
    {
        foreach (var update in value.Objects("user_id_update"))
        {
            var ids = update.Object("user_id") ?? update;
            yield return WhatsAppPeople.Of(update.Text("wa_id"), ids.Text("previous"), name: null) is { } known
                && WhatsAppPeople.Of(phone: null, ids.Text("current"), name: null) is { } now
                    ? new WebhookUpdate.Moved(known, now, update.Time("timestamp"))
                    : new WebhookUpdate.Seen(UpdateKinds.Incomplete);
        }
    }

    private static WebhookUpdate ReadStatus(JsonElement status)
    {
        if (status.Text("id") is not { Length: <= EventLimits.MaxProviderMessageId } id)
            return new WebhookUpdate.Seen(UpdateKinds.Incomplete);
        if (status.Text("recipient_type") == "group") return new WebhookUpdate.Seen(UpdateKinds.GroupStatus);
        StatusKind? kind = status.Text("status") switch
        {
            "sent" => StatusKind.Sent,
            "delivered" => StatusKind.Delivered,
            // A voice message that was played was seen; there is no tick of its own for it.
            "read" or "played" => StatusKind.Read,
            "failed" => StatusKind.Failed,
            _ => null,
        };
        if (kind is not { } reported) return new WebhookUpdate.Seen(UpdateKinds.OtherStatus);
        var reason = reported == StatusKind.Failed ? WhatsAppFailure.ReasonOf(status.Objects("errors").FirstOrDefault()) : null;
        var ours = Uuid.ReadExact(status.Text("biz_opaque_callback_data")) is { Version: 7 } messageId ? messageId : (Guid?)null;
        return new WebhookUpdate.Status(id, reported, status.Time("timestamp"), reason, ours);
    }
}
