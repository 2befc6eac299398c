using System.Globalization;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;

namespace Chat.MetaSimulator.Webhooks;

/// <summary>
/// Puts updates into a body. Which of them share a value, a change or an entry is drawn: a receiver must take every array of any length.
/// </summary>
internal static class BodyBuilder
{
    private const double Shares = 0.6;

    public static JsonObject Build(string channel, IReadOnlyList<Update> updates, Random random, DateTimeOffset now) =>
        channel == ChannelNames.WhatsApp ? WhatsApp(updates, random) : Instagram(updates, random, now);

    private static JsonObject WhatsApp(IReadOnlyList<Update> updates, Random random)
    {
        var entries = new JsonArray();
        JsonArray? changes = null;
        JsonObject? value = null;
        Update? last = null;
        foreach (var update in updates)
        {
            if (last is null || last.Account.BusinessId != update.Account.BusinessId || random.NextDouble() > Shares)
            {
                changes = [];
                entries.Add((JsonNode)new JsonObject { ["id"] = update.Account.BusinessId, ["changes"] = changes });
                value = null;
            }
            if (value is null || update.List is null || last!.List is null || last.Field != update.Field
                || last.Account != update.Account || random.NextDouble() > Shares)
            {
                value = update.List is null ? Copy(update.Item) : new();
                if (update.List is not null) AddMetadata(value, update.Account);
                changes!.Add((JsonNode)new JsonObject { ["value"] = value, ["field"] = update.Field });
            }
            if (update.List is { } list)
            {
                if (update.Contact is { } contact) AddContact(value, contact);
                ListOf(value, list).Add((JsonNode)Copy(update.Item));
            }
            last = update;
        }
        return new() { ["object"] = "whatsapp_business_account", ["entry"] = entries };
    }

    private static JsonObject Instagram(IReadOnlyList<Update> updates, Random random, DateTimeOffset now)
    {
        var entries = new JsonArray();
        JsonObject? entry = null;
        Update? last = null;
        foreach (var update in updates)
        {
            if (entry is null || last!.Account != update.Account || random.NextDouble() > Shares)
            {
                entry = new() { ["time"] = now.ToUnixTimeMilliseconds(), ["id"] = update.Account.Id };
                entries.Add((JsonNode)entry);
            }
            ListOf(entry, update.Field).Add((JsonNode)Copy(update.Item));
            last = update;
        }
        return new() { ["object"] = "instagram", ["entry"] = entries };
    }

    private static void AddMetadata(JsonObject value, MetaAccount account)
    {
        value["messaging_product"] = "whatsapp";
        value["metadata"] = new JsonObject
        {
            ["display_phone_number"] = account.Digits,
            ["phone_number_id"] = account.Id.ToString(CultureInfo.InvariantCulture),
        };
    }

    private static void AddContact(JsonObject value, JsonObject contact)
    {
        var contacts = ListOf(value, "contacts");
        if (!contacts.Any(c => JsonNode.DeepEquals(c, contact))) contacts.Add((JsonNode)Copy(contact));
    }

    private static JsonArray ListOf(JsonObject owner, string name)
    {
        if (owner[name] is JsonArray list) return list;
        list = [];
        owner[name] = list;
        return list;
    }

    private static JsonObject Copy(JsonObject item) => (JsonObject)item.DeepClone();
}
