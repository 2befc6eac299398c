using Chat.Core.Accounts;

namespace Chat.Core.Contacts;

/// <summary>The person in a conversation, as one account of the desk's knows them.</summary>
/// <param name="Account">The one that it was last heard of by.</param>
/// <param name="Addresses">Every address that was seen, each once, in no order.</param>
/// <param name="SendTo">
/// What the provider is given as the recipient: the last raw form that it named itself; null where none is known.
/// </param>
/// <param name="Name">As the person calls themselves at the provider; null where it never said.</param>
/// <param name="LastInboundAt">When the person last wrote, by the provider: the 24-hour window counts from here; null for never.</param>
public sealed record Contact(
    Guid ConversationId,
    Guid OrganizationId,
    AccountKey Account,
    IReadOnlyList<ContactAddress> Addresses,
    string? SendTo,
    string? Name,
    DateTimeOffset? LastInboundAt);

/// <summary>Something that was learned of a contact.</summary>
/// <param name="At">
/// When it was so, in whole milliseconds: of two names, recipients or accounts the later one stays, at a tie the one whose UTF-8 is higher.
/// </param>
/// <param name="IsInbound">Whether the person wrote at <paramref name="At"/>.</param>
public sealed record ContactNote(
    Guid ConversationId,
    Guid OrganizationId,
    AccountKey Account,
    IReadOnlyList<ContactAddress> Addresses,
    string? SendTo,
    string? Name,
    DateTimeOffset At,
    bool IsInbound);
