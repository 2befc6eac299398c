using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Ids;

namespace Chat.Connectors.Webhooks;

/// <summary>Ids that are made of what a provider says, so that the same thing said again has the same id.</summary>
internal static class DerivedIds
{
    // Of the hash: an id has its time in their place.
    private const int TimeBytes = 6;

    /// <summary>A message's: a UUIDv7 of the provider's time, the rest of it made of the account and the provider's id.</summary>
    public static Guid MessageOf(AccountKey account, string providerMessageId, DateTimeOffset at) =>
        MessageIds.Make(at, Hash("message", account.Channel, account.AccountId, providerMessageId)[TimeBytes..]);

    /// <summary>The time that a message's id was made with; null of an id that is not made of the provider's.</summary>
    public static DateTimeOffset? TimeOf(AccountKey account, string providerMessageId, Guid id) =>
        MessageIds.CreatedAt(id) is { } at && MessageOf(account, providerMessageId, at) == id ? at : null;

    /// <summary>
    /// A conversation's, where an account's person has none yet. The organization is in it: what an account is moved to another one
    /// with, is no conversation of the first.
    /// </summary>
    /// <param name="taken">How many of the ids before this one belong to others: all who know the address can make them.</param>
    public static Guid ConversationOf(Guid organizationId, AccountKey account, ContactAddress address, int taken = 0)
    {
        string[] parts =
        [
            "conversation", MessageIds.Format(organizationId), account.Channel, account.AccountId, address.Kind, address.Value,
        ];
        return HashedIds.Make(Hash(taken == 0 ? parts : [.. parts, taken.ToString(CultureInfo.InvariantCulture)]));
    }

    /// <summary>Of the person in a conversation, whichever of their addresses they write from.</summary>
    public static Guid ContactOf(Guid conversationId) => HashedIds.Make(Hash("contact", MessageIds.Format(conversationId)));

    /// <summary>Of those who write from an account, but not through us.</summary>
    public static Guid ElsewhereOf(AccountKey account) => HashedIds.Make(Hash("account", account.Channel, account.AccountId));

    private static Span<byte> Hash(params string[] parts) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
}
