using System.Buffers.Binary;
using System.Security.Cryptography;
using Chat.Core.Ids;
using Chat.Core.Providers;

namespace Chat.Connectors.Outbound;

/// <summary>Ids of holds.</summary>
internal static class HoldIds
{
    private const int GuidBytes = 16;

    /// <summary>
    /// Of the hold of a message after a try that the provider answered with "later": what comes back by it tells that answer, whether it
    /// was noted by then or not. Another id for each try, since a hold that was forgotten is not kept again.
    /// </summary>
    public static Guid After(SendTry made)
    {
        Span<byte> named = stackalloc byte[GuidBytes + sizeof(int)];
        made.Owner.TryWriteBytes(named, bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(named[GuidBytes..], made.Number);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(named, hash);
        return HashedIds.Make(hash);
    }
}
