using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;

namespace Chat.MetaSimulator.Webhooks;

/// <summary>One thing that a webhook tells.</summary>
/// <param name="Field">
/// WhatsApp: the change's field. Instagram: the entry's list (<c>messaging</c>, <c>standby</c>, <c>changes</c>).
/// </param>
/// <param name="List">WhatsApp: the list of the value that the item belongs to; null where the item is the value itself.</param>
/// <param name="Contact">WhatsApp: who wrote; null where there is nobody to name.</param>
/// <param name="Due">Not before this time.</param>
public sealed record Update(
    MetaAccount Account, string Field, string? List, JsonObject Item, JsonObject? Contact, DateTimeOffset Due);
