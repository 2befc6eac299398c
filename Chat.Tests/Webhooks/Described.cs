using System.Text.Json;
using Chat.Connectors.Instagram.Receiving;
using Chat.Connectors.Webhooks;
using Chat.Connectors.WhatsApp.Receiving;
using Chat.Core.Statuses;
using Chat.Core.Time;

namespace Chat.Tests.Webhooks;

/// <summary>Updates as texts, to be compared.</summary>
internal static class Described
{
    /// <summary>What a webhook with one change of the field <c>messages</c> says.</summary>
    public static string[] WhatsApp(string members) => WhatsAppField("messages", members);

    public static string[] WhatsAppField(string field, string members)
    {
        var value = $$$"""{"metadata":{"phone_number_id":"P1"}{{{(members.Length > 0 ? "," : "")}}}{{{members}}}}""";
        return WhatsAppBody($$"""{"entry":[{"id":"W1","changes":[{"field":"{{field}}","value":{{value}}}]}]}""");
    }

    public static string[] WhatsAppBody(string body) => [.. WhatsAppWebhook.Read(JsonElement.Parse(body)).Select(Describe)];

    /// <summary>What a webhook with one element in <c>messaging</c> says.</summary>
    public static string Instagram(string members) =>
        Assert.Single(InstagramBody($$"""{"entry":[{"id":"178","time":1790000200123,"messaging":[{{{members}}}]}]}"""));

    public static string[] InstagramBody(string body) => [.. InstagramWebhook.Read(JsonElement.Parse(body)).Select(Describe)];

    private static string Describe(AddressedUpdate addressed)
    {
        var to = addressed.BusinessId is null ? addressed.AccountId : $"{addressed.BusinessId}/{addressed.AccountId}";
        return $"{to ?? "-"} {Describe(addressed.Update)}";
    }

    private static string Describe(WebhookUpdate update) => update switch
    {
        WebhookUpdate.Status s =>
            $"{StatusNames.Format(s.Reported)} {s.ProviderMessageId} {At(s.At)} {s.MessageId?.ToString() ?? "-"} {s.Reason}".TrimEnd(),
        WebhookUpdate.Inbound i => $"from {Describe(i.From)}: {Describe(i.Message)}",
        WebhookUpdate.Echo e => $"to {Describe(e.To)}: {Describe(e.Message)}",
        WebhookUpdate.ReadUpTo r => $"read up to {r.ProviderMessageId} {At(r.At)}",
        WebhookUpdate.Moved m => $"{Describe(m.Known)} is now {Describe(m.Now)}",
        WebhookUpdate.Trouble t => $"trouble {t.Code} {t.Title}",
        _ => $"({update.Kind})",
    };

    private static string Describe(Person person)
    {
        var addresses = string.Join('+', person.Addresses.Select(a => $"{a.Kind}:{a.Value}"));
        return person.Name is null ? $"{addresses} [{person.SendTo}]" : $"{addresses} [{person.SendTo}] \"{person.Name}\"";
    }

    private static string Describe(SentMessage message)
    {
        var target = message.Target is { } t ? $" about {t.ProviderMessageId}{(t.Emoji is { } emoji ? $" '{emoji}'" : "")}" : "";
        var reply = message.ReplyTo is { } to ? $" reply to {to}" : "";
        return $"{message.ProviderMessageId} {At(message.At)} {message.Type} {message.Content.Write()}{target}{reply}";
    }

    private static string At(DateTimeOffset? at) => at is { } time ? WireTime.Format(time)[11..] : "-";
}
