using System.Buffers.Binary;

namespace Chat.Core.Ids;

/// <summary>What a message's id says about the message, and how ids are written.</summary>
public static class MessageIds
{
    /// <summary>
    /// The creation time that a UUIDv7 carries, in UTC with millisecond precision; null where the id is of another version,
    /// as a status from outside may name one.
    /// </summary>
    public static DateTimeOffset? CreatedAt(Guid id)
    {
        if (id.Version != 7) return null;
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var milliseconds = ((long)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
        // 48 bits reach the year 10889, DateTimeOffset the year 9999.
        return milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;
    }

    /// <summary>An id as it is compared, keyed and published: lower-case 8-4-4-4-12.</summary>
    public static string Format(Guid id) => id.ToString("D");
}
