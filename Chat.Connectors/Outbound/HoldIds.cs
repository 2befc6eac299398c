using System.Buffers.Binary;
using System.Security.Cryptography;
using Chat.Core.Ids;
using Chat.Core.Providers;

namespace Chat.Connectors.Outbound;

/// <summary>
/// Ids of holds. That of a hold after a try tells the provider's answer, "later", whether that was noted by then or not: who finds the hold
/// notes it, before the message is sent again or given up.
/// </summary>
internal static class HoldIds
{
    private const int GuidBytes = 16;

    private const int MadeOfATry = 8;

    /// <summary>Of the hold after a try; another for each, since a hold that was forgotten is not kept again.</summary>
    public static Guid After(SendTry made)
    {
        Span<byte> named = stackalloc byte[GuidBytes + sizeof(int)];
        made.Owner.TryWriteBytes(named, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(named[GuidBytes..], made.Number);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(named, hash);
        return HashedIds.Make(hash);
    }

    /// <summary>Whether a hold may be one after a try: those of messages that were not tried have ids of another version.</summary>
    public static bool MayBeAfterTry(Guid holdId) => holdId.Version == MadeOfATry;

    /// <summary>Whether a hold tells the answer of a try that nobody noted.</summary>
    public static bool TellsAnswerOf(SendEntry entry, HeldMessage held) =>
        entry.IsOpen && held.HoldId == After(entry.Try);
}
