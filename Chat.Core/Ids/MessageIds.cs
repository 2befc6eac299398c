using System.Buffers.Binary;

namespace Chat.Core.Ids;

/// <summary>What a message's id says about the message, and how ids are written.</summary>
public static class MessageIds
{
    /// <summary>What a UUIDv7 has beside its time, in bytes; version and variant take six of the bits.</summary>
    public const int FreeBytes = 10;

    /// <summary>A UUIDv7 (RFC 9562, section 5.7) of a time, cut to milliseconds.</summary>
    /// <param name="free">The rest of it: <see cref="FreeBytes"/>.</param>
    public static Guid Make(DateTimeOffset at, ReadOnlySpan<byte> free)
    {
        Span<byte> bytes = stackalloc byte[16];
        var milliseconds = at.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(milliseconds >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)milliseconds);
        free[..FreeBytes].CopyTo(bytes[^FreeBytes..]);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new(bytes, bigEndian: true);
    }

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
