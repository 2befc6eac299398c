using System.Buffers.Binary;
using System.Text;

namespace Chat.Api.Hub.Protocol;

/// <summary>
/// A frame on its way to sockets: encoded once, WebSocket header included, since what a server sends is not masked and so its
/// bytes are the same for all.
/// </summary>
/// <param name="wire">Header and payload.</param>
/// <param name="messageId">
/// The message whose status this is; older ones of the same message may be dropped for it. Null: never dropped.
/// </param>
/// <param name="seq">The change's number; 0 where it has none.</param>
public sealed class OutgoingFrame(ReadOnlyMemory<byte> wire, Guid? messageId = null, long seq = 0)
{
    private const byte FinalText = 0x81, FinalClose = 0x88, FinalPing = 0x89, FinalPong = 0x8A;
    private const int MaxControlPayload = 125;
    private const int MaxHeader = 10;

    public ReadOnlyMemory<byte> Wire { get; } = wire;

    public Guid? MessageId { get; } = messageId;

    public long Seq { get; } = seq;

    public bool IsPong => Wire.Span is [FinalPong, ..];

    /// <summary>A text message of one frame (RFC 6455, section 5.2) around UTF-8 JSON.</summary>
    public static OutgoingFrame Text(ReadOnlySpan<byte> payload, Guid? messageId = null, long seq = 0)
    {
        Span<byte> header = stackalloc byte[MaxHeader];
        header[0] = FinalText;
        int length;
        if (payload.Length < 126)
        {
            header[1] = (byte)payload.Length;
            length = 2;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            header[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payload.Length);
            length = 4;
        }
        else
        {
            header[1] = 127;
            BinaryPrimitives.WriteInt64BigEndian(header[2..], payload.Length);
            length = 10;
        }
        var wire = new byte[length + payload.Length];
        header[..length].CopyTo(wire);
        payload.CopyTo(wire.AsSpan(length));
        return new(wire, messageId, seq);
    }

    /// <summary>A close.</summary>
    /// <param name="reason">Of 123 bytes at most.</param>
    public static OutgoingFrame Close(int code, string reason)
    {
        Span<byte> payload = stackalloc byte[MaxControlPayload];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        return Control(FinalClose, payload[..(2 + Encoding.UTF8.GetBytes(reason, payload[2..]))]);
    }

    public static OutgoingFrame Ping() => Control(FinalPing, []);

    /// <param name="payload">That of the ping: 125 bytes at most.</param>
    public static OutgoingFrame Pong(ReadOnlySpan<byte> payload) => Control(FinalPong, payload);

    private static OutgoingFrame Control(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] wire = [first, (byte)payload.Length, .. payload];
        return new(wire);
    }

    /// <summary>The JSON within; for tests and simulations, which have no socket.</summary>
    public ReadOnlySpan<byte> Payload
    {
        get
        {
            var span = Wire.Span;
            var header = span[1] switch { 126 => 4, 127 => 10, _ => 2 };
            return span[header..];
        }
    }
}
