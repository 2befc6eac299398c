using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Ids;

namespace Chat.Connectors.Webhooks;

/// <summary>Ids that are made of what a provider says, so that the same thing said again has the same id.</summary>
internal static class DerivedIds
{
    private const int TimeBytes = 6;

    /// <summary>A message's: a UUIDv7 of the provider's time, the rest of it made of the account and the provider's id.</summary>
    public static Guid MessageOf(AccountKey account, string providerMessageId, DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        var milliseconds = at.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(milliseconds >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)milliseconds);
        Hash("message", account.Channel, account.AccountId, providerMessageId)[TimeBytes..16].CopyTo(bytes[TimeBytes..]);
        return Make(bytes, version: 7);
    }

    /// <summary>
    /// A conversation's, where an account's person has none yet. The organization is in it: what an account is moved to another one
    /// with, is no conversation of the first.
    /// </summary>
    public static Guid ConversationOf(Guid organizationId, AccountKey account, ContactAddress address) => Make(
        Hash("conversation", MessageIds.Format(organizationId), account.Channel, account.AccountId, address.Kind, address.Value)[..16],
        version: 8);

    /// <summary>Of the person in a conversation, whichever of their addresses they write from.</summary>
    public static Guid ContactOf(Guid conversationId) => Make(Hash("contact", MessageIds.Format(conversationId))[..16], version: 8);

    /// <summary>Of those who write from an account, but not through us.</summary>
    public static Guid ElsewhereOf(AccountKey account) => Make(Hash("account", account.Channel, account.AccountId)[..16], version: 8);

    private static Span<byte> Hash(params string[] parts) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));

    private static Guid Make(Span<byte> bytes, int version)
    {
        bytes[6] = (byte)((version << 4) | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new(bytes, bigEndian: true);
    }
}
