using System.Text.Json;
using Chat.Connectors.Webhooks;
using Chat.Core.Contacts;
using Chat.Core.Text;

namespace Chat.Connectors.WhatsApp.Receiving;

/// <summary>
/// Who a message is from, or to: by number, by the id that WhatsApp gives a person for one business (BSUID), or by both. People with a
/// user name may have no number here.
/// </summary>
internal static class WhatsAppPeople
{
    private const int MaxGroup = 128;
    private const int MaxName = 128;

    public static Person? SenderOf(JsonElement message, WhatsAppContacts people)
    {
        if (message.Text("group_id") is { Length: <= MaxGroup } group)
            return new([new(AddressKinds.Group, group)], SendTo: group, Name: null);
        return OneOf(message.Text("from"), message.Text("from_user_id"), people);
    }

    public static Person? RecipientOf(JsonElement message, WhatsAppContacts people) =>
        OneOf(message.Text("to"), message.Text("to_user_id"), people);

    /// <summary>The address that a person has from now on, as a message of type <c>system</c> says; null where it says none.</summary>
    public static Person? MovedTo(JsonElement message)
    {
        if (message.Object("system") is not { } system) return null;
        return system.Text("type") switch
        {
            "user_changed_number" => Of(system.Text("wa_id") ?? system.Text("new_wa_id"), system.Text("user_id"), name: null),
            "user_changed_user_id" => Of(phone: null, system.Text("user_id") ?? system.Text("new_user_id"), name: null),
            _ => null,
        };
    }

    /// <summary>A person; null where neither can be read.</summary>
    public static Person? Of(string? phone, string? userId, string? name)
    {
        var addresses = new List<ContactAddress>(2);
        if (PhoneNumbers.Canonical(phone) is { } canonical) addresses.Add(new(AddressKinds.Phone, canonical));
        // Where there is no number, some write the other id in its place.
        else if (IsUserId(phone)) userId ??= phone;
        if (IsUserId(userId)) addresses.Add(new(AddressKinds.BusinessScopedUserId, userId!));
        if (addresses.Count == 0) return null;
        return new(
            addresses,
            addresses[0].Kind == AddressKinds.Phone ? phone : userId,
            name is null ? null : Printable.Line(name, MaxName));
    }

    private static Person? OneOf(string? phone, string? userId, WhatsAppContacts people) =>
        people.Find(phone, userId) is { } person
            ? Of(phone ?? person.Text("wa_id"), userId ?? person.Text("user_id"), person.Object("profile")?.Text("name"))
            : Of(phone, userId, name: null);

    private static bool IsUserId(string? text) => text is not null && BusinessScopedUserIds.IsOne(text);
}
