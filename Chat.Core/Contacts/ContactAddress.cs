using Chat.Core.Channels;

namespace Chat.Core.Contacts;

/// <summary>One of the addresses at which an account reaches a person; a person has several.</summary>
/// <param name="Kind">See <see cref="AddressKinds"/>.</param>
/// <param name="Value">
/// In the form that all ways of writing the same address share (<see cref="PhoneNumbers.Canonical"/>); case-sensitive.
/// </param>
public readonly record struct ContactAddress(string Kind, string Value)
{
    private const int MaxInstagramId = 64;

    /// <summary>The address that a text is on a channel, in whichever way it is written; null where it is none.</summary>
    public static ContactAddress? Find(string channel, string text)
    {
        var written = text.Trim();
        return channel switch
        {
            ChannelCatalog.WhatsApp when PhoneNumbers.Canonical(written) is { } number => new(AddressKinds.Phone, number),
            ChannelCatalog.WhatsApp when BusinessScopedUserIds.IsOne(written) => new(AddressKinds.BusinessScopedUserId, written),
            ChannelCatalog.Instagram when written.Length is > 0 and <= MaxInstagramId && written.All(char.IsAsciiDigit) =>
                new(AddressKinds.InstagramScopedId, written),
            _ => null,
        };
    }
}

/// <summary>What kinds of addresses there are.</summary>
public static class AddressKinds
{
    /// <summary>A phone number or a <c>wa_id</c>: digits with the country's code, which are one and the same once canonical.</summary>
    public const string Phone = "phone";

    /// <summary>WhatsApp's business-scoped user id (<c>BR.1349…</c>): known also of people who hide their number.</summary>
    public const string BusinessScopedUserId = "bsuid";

    /// <summary>Instagram's id of a person, for one account.</summary>
    public const string InstagramScopedId = "igsid";

    /// <summary>A group, whichever of its members wrote.</summary>
    public const string Group = "group";
}
