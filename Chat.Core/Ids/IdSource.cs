using System.Security.Cryptography;

namespace Chat.Core.Ids;

/// <summary>
/// Makes message ids: UUIDv7 (RFC 9562, section 5.7), so that the time of creation follows from the id.
/// </summary>
/// <param name="time">Gives the 48 bits of Unix milliseconds.</param>
/// <param name="fill">Fills the random bits; a cryptographic source unless a simulation gives its own.</param>
public sealed class IdSource(TimeProvider time, Action<Span<byte>>? fill = null)
{
    private readonly Action<Span<byte>> _fill = fill ?? RandomNumberGenerator.Fill;

    /// <summary>A fresh UUIDv7 of the present millisecond.</summary>
    public Guid Next()
    {
        Span<byte> random = stackalloc byte[MessageIds.FreeBytes];
        _fill(random);
        return MessageIds.Make(time.GetUtcNow(), random);
    }
}
