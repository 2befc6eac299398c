using System.Buffers.Binary;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Cuts a conversation into partitions of ten days, by the creation time that a UUIDv7 begins with. The numbers are stored: the
/// length of a bucket can never change.
/// </summary>
internal static class Bucket
{
    private const long Milliseconds = 10L * 24 * 60 * 60 * 1000;

    /// <summary>Of ids that are made at a time.</summary>
    public static int At(DateTimeOffset time) => (int)(time.ToUnixTimeMilliseconds() / Milliseconds);

    /// <summary>
    /// Of the first 48 bits, whatever the version: an id from outside that carries no time has a bucket of its own too, and the
    /// order of buckets is the order of ids.
    /// </summary>
    public static int For(Guid messageId) => (int)(MillisecondsOf(messageId) / Milliseconds);

    /// <summary>The first 48 bits of an id: of a UUIDv7, when it was made, in Unix milliseconds.</summary>
    public static long MillisecondsOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
    }
}
