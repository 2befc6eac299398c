namespace Chat.Core.Ids;

/// <summary>Ids that are made of something, so that the same thing has the same id.</summary>
public static class HashedIds
{
    /// <summary>A UUIDv8, whose bits are its maker's own: the first 16 bytes of a hash, but for the six that name the version.</summary>
    public static Guid Make(ReadOnlySpan<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[16];
        hash[..bytes.Length].CopyTo(bytes);
        bytes[6] = (byte)(0x80 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new(bytes, bigEndian: true);
    }
}
