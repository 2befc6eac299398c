using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Chat.Core.Idempotency;

namespace Chat.Engines.Embedded.Keys;

/// <summary>
/// The digest of a key, which <see cref="KeyMap"/> finds it by. Keys of one digest are looked at one by one, so a client that knew how
/// digests come about could make many of them: each folder has a secret of its own in it.
/// </summary>
/// <param name="secret">Of any length, the same while the rows are there that have digests.</param>
internal sealed class KeyDigest(byte[] secret)
{
    private const int IdLength = 16;

    public long Of(IdempotencyKey key)
    {
        var bytes = new byte[secret.Length + (2 * IdLength) + Encoding.UTF8.GetByteCount(key.Key)];
        secret.CopyTo(bytes, 0);
        var rest = bytes.AsSpan(secret.Length);
        key.OrganizationId.TryWriteBytes(rest, bigEndian: true, out _);
        key.UserId.TryWriteBytes(rest[IdLength..], bigEndian: true, out _);
        Encoding.UTF8.GetBytes(key.Key, rest[(2 * IdLength)..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }
}
