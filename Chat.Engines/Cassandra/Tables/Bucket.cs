using System.Buffers.Binary;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Cuts a conversation into partitions of ten days, by the creation time that a UUIDv7 begins with. The numbers are stored: the
/// length of a bucket can never change.
/// </summary>
internal static class Bucket
{
    /// <summary>The last one that an id can begin with.</summary>
    public const long LastMillisecond = (1L << 48) - 1;

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

    /// <summary>Reads the rows of ids that are all of one bucket, by <see cref="Halves"/> of the bucket's time.</summary>
    /// <param name="read">Reads what has ids above one and through another.</param>
    public static IAsyncEnumerable<T> ReadAsync<T>(int bucket, Func<Guid, Guid, Task<List<T>>> read) =>
        ReadAsync(bucket * Milliseconds, ((bucket + 1) * Milliseconds) - 1, read);

    /// <summary>
    /// Reads rows by their ids, by <see cref="Halves"/> of the time that these begin with. Ids of other versions than 7, which the server
    /// puts before or behind all of that one, are in the first or the last piece.
    /// </summary>
    /// <param name="read">Reads what has ids above one and through another.</param>
    public static IAsyncEnumerable<T> ReadAsync<T>(long first, long last, Func<Guid, Guid, Task<List<T>>> read) => Halves.ReadAsync(
        first,
        last,
        (from, through) => read(from == first ? Guid.Empty : LastOf(from - 1), through == last ? Guid.AllBitsSet : LastOf(through)));

    /// <summary>Above every UUIDv7 of a millisecond, and below those of the next.</summary>
    private static Guid LastOf(long milliseconds)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Fill(0xFF);
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)milliseconds << 16) | 0x7FFF);
        return new(bytes, bigEndian: true);
    }
}
