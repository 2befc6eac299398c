using System.Buffers.Binary;
using System.Text;

namespace Chat.Tests.Hub.Protocol;

/// <summary>Frames as a client writes them (RFC 6455, section 5.2), the bad ones too.</summary>
internal static class ClientFrames
{
    public const int Continuation = 0, TextFrame = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    private static readonly byte[] Mask = [0x37, 0xFA, 0x21, 0x3D];

    /// <param name="fin">Whether it is the last of its message.</param>
    /// <param name="reserved">The three reserved bits, 0 to 7.</param>
    /// <param name="lengthBytes">How the length is written: 0 as short as it can be, else in so many bytes more (2 or 8).</param>
    public static byte[] Frame(
        int opcode, ReadOnlySpan<byte> payload, bool fin = true, int reserved = 0, bool masked = true, int lengthBytes = 0)
    {
        byte[] body = [.. payload];
        if (masked)
        {
            for (var i = 0; i < body.Length; i++) body[i] ^= Mask[i % 4];
        }
        return [.. Header(opcode, payload.Length, fin, reserved, masked, lengthBytes), .. body];
    }

    /// <summary>A frame's header alone, whatever length it announces.</summary>
    public static byte[] Header(
        int opcode, long length, bool fin = true, int reserved = 0, bool masked = true, int lengthBytes = 0)
    {
        var first = (byte)((fin ? 0x80 : 0) | (reserved << 4) | opcode);
        var mask = masked ? 0x80 : 0;
        if (lengthBytes == 0) lengthBytes = length is < 0 or > ushort.MaxValue ? 8 : length > 125 ? 2 : 0;
        var encoded = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(encoded, length);
        byte[] second = lengthBytes switch
        {
            0 => [(byte)(mask | (int)length)],
            2 => [(byte)(mask | 126), .. encoded[6..]],
            _ => [(byte)(mask | 127), .. encoded],
        };
        return [first, .. second, .. masked ? Mask : []];
    }

    public static byte[] TextOf(string text) => Frame(TextFrame, Encoding.UTF8.GetBytes(text));

    /// <summary>A close with a code, and a reason's bytes after it.</summary>
    public static byte[] CloseOf(int code, params ReadOnlySpan<byte> reason) =>
        Frame(Close, [(byte)(code >> 8), (byte)code, .. reason]);

    /// <summary>A message in frames whose payloads end where they are told to.</summary>
    public static byte[][] Fragments(int opcode, byte[] payload, params int[] ends)
    {
        var frames = new List<byte[]>();
        var from = 0;
        foreach (var end in ends.Append(payload.Length))
        {
            var isLast = frames.Count == ends.Length;
            frames.Add(Frame(frames.Count == 0 ? opcode : Continuation, payload.AsSpan(from..end), isLast));
            from = end;
        }
        return [.. frames];
    }
}
