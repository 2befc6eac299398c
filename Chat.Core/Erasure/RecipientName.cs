using Chat.Core.Contacts;

namespace Chat.Core.Erasure;

/// <summary>A person as an operator names them: an address as it was posted, or a phone number in any form.</summary>
public sealed class RecipientName(string name)
{
    private readonly string? _canonical = PhoneNumbers.Canonical(name);

    /// <summary>Whether an address is this person's.</summary>
    public bool Is(string address) =>
        address == name || (_canonical is not null && PhoneNumbers.Canonical(address) == _canonical);

    /// <summary>Whether a contact is this person.</summary>
    public bool Is(Contact contact) =>
        (contact.SendTo is { } sendTo && Is(sendTo)) || contact.Addresses.Any(a => Is(a.Value));

    /// <summary>Whether a conversation has messages to somebody else too.</summary>
    /// <param name="contact">Who is in the conversation; null where nobody is known to be. All addresses are one person's.</param>
    public bool IsShared(IEnumerable<string> recipients, Contact? contact) =>
        !recipients.All(r => Is(r) || (contact is not null && Is(contact) && Has(contact, r)));

    private static bool Has(Contact contact, string recipient)
    {
        var canonical = PhoneNumbers.Canonical(recipient);
        return contact.SendTo == recipient || contact.Addresses.Any(a => a.Value == recipient || a.Value == canonical);
    }
}
