using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Chat.Api.Hub.Sockets;

/// <summary>What is wrong with what a client sends.</summary>
internal enum InboundFault
{
    None,

    /// <summary>More frames than it may send, or a message in more fragments.</summary>
    TooManyFrames,

    /// <summary>A message whose frames announce more bytes than the server takes.</summary>
    TooBig,

    /// <summary>Frames that break the protocol.</summary>
    Broken,

    /// <summary>A text, or a close's reason, that is no UTF-8.</summary>
    NotUtf8,
}

/// <summary>What a <see cref="FrameReader"/> found. The bytes are the reader's again once a call returns.</summary>
internal interface IInboundFrames
{
    /// <summary>A frame begins, of whatever kind. False where it is one too many.</summary>
    bool OnFrame();

    void OnMessage(bool isText, ReadOnlySpan<byte> payload);

    void OnPing(ReadOnlySpan<byte> payload);

    void OnPong();

    /// <param name="code">Null where the client gave none.</param>
    void OnClose(int? code);
}

/// <summary>
/// Reads the frames (RFC 6455, section 5) in the bytes from a client: every one is counted as its header comes in, whether it is a
/// fragment, a ping or a pong, and a length is judged as it is announced, before any of it is kept. Between messages nothing is kept.
/// No clock, no I/O.
/// </summary>
internal sealed class FrameReader(int maxBytes, int maxFragments)
{
    private const int Continuation = 0, Text = 1, Binary = 2, CloseFrame = 8, Ping = 9, Pong = 10;
    private const int MaskBytes = 4;
    private const int MaxControlPayload = 125;
    private const int LeastBuffer = 256;

    private HeaderBytes _header;
    private int _headerBytes;

    // The frame that is being read.
    private int _opcode;
    private bool _isLast;
    private long _payloadLeft;
    private uint _mask;

    // The message that is being read, and within it the control frame that is.
    private Buffered _message;
    private Buffered _control;
    private bool _isText;
    private bool _isOpen;
    private int _fragments;
    private long _announced;
    private int _validated;
    private InboundFault _fault;

    /// <summary>The number of the message or control frame that has begun and not ended; null between them.</summary>
    public long? Open => _headerBytes > 0 || _payloadLeft > 0 || _isOpen ? Begun : null;

    /// <summary>Whether the client closes: what it sends after that is nothing.</summary>
    public bool IsClosed { get; private set; }

    private long Begun { get; set; }

    /// <summary>
    /// Takes the next bytes. After a fault frames are followed, up to the client's close, and neither judged nor passed on.
    /// </summary>
    public InboundFault Take(ReadOnlySpan<byte> bytes, IInboundFrames frames)
    {
        while (!bytes.IsEmpty && !IsClosed)
        {
            if (Open is null) Begun++;
            if (_payloadLeft > 0)
            {
                var part = (int)Math.Min(_payloadLeft, bytes.Length);
                _payloadLeft -= part;
                Keep(bytes[..part]);
                bytes = bytes[part..];
            }
            else
            {
                _header[_headerBytes++] = bytes[0];
                bytes = bytes[1..];
                if (_headerBytes < 2 || _headerBytes < HeaderLength()) continue;
                Begin(frames);
            }
            if (_payloadLeft == 0 && _headerBytes == 0) End(frames);
        }
        return _fault;
    }

    /// <summary>Gives back what is kept of a message that never ends.</summary>
    public void Discard()
    {
        _message.Return();
        _control.Return();
    }

    private int HeaderLength()
    {
        var mask = (_header[1] & 0x80) == 0 ? 0 : MaskBytes;
        return (_header[1] & 0x7F) switch
        {
            126 => 4 + mask,
            127 => 10 + mask,
            _ => 2 + mask,
        };
    }

    private void Begin(IInboundFrames frames)
    {
        var (first, second) = (_header[0], _header[1]);
        var written = second & 0x7F;
        ReadOnlySpan<byte> rest = ((ReadOnlySpan<byte>)_header)[2..];
        var length = written switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(rest),
            127 => BinaryPrimitives.ReadInt64BigEndian(rest),
            _ => written,
        };
        var isMasked = (second & 0x80) != 0;
        if (isMasked) _mask = MemoryMarshal.Read<uint>(rest[(_headerBytes - 2 - MaskBytes)..]);
        _headerBytes = 0;
        _opcode = first & 0x0F;
        _isLast = (first & 0x80) != 0;
        // After a fault all that matters is where the next frame begins.
        _payloadLeft = length < 0 ? long.MaxValue : length;
        if (_fault != InboundFault.None) return;
        // The shortest form is the only one; a length's first bit is never set.
        var isShortest = written switch
        {
            127 => length > ushort.MaxValue,
            126 => length > MaxControlPayload,
            _ => true,
        };
        if (!frames.OnFrame()) _fault = InboundFault.TooManyFrames;
        else if (!isMasked || !isShortest || (first & 0x70) != 0) _fault = InboundFault.Broken;
        else _fault = JudgeKind(length);
    }

    private InboundFault JudgeKind(long length)
    {
        switch (_opcode)
        {
            case CloseFrame or Ping or Pong:
                return _isLast && length <= MaxControlPayload ? InboundFault.None : InboundFault.Broken;
            case Text or Binary when !_isOpen:
                (_isOpen, _isText) = (true, _opcode == Text);
                return JudgeSize(length);
            case Continuation when _isOpen:
                return JudgeSize(length);
            default:
                return InboundFault.Broken;
        }
    }

    private InboundFault JudgeSize(long length)
    {
        _fragments++;
        if (length > maxBytes - _announced) return InboundFault.TooBig;
        _announced += length;
        return _fragments > maxFragments ? InboundFault.TooManyFrames : InboundFault.None;
    }

    private void Keep(ReadOnlySpan<byte> masked)
    {
        if (_fault != InboundFault.None) return;
        ref var buffer = ref _message;
        if (_opcode >= CloseFrame) buffer = ref _control;
        _mask = Unmask(masked, buffer.Extend(masked.Length), _mask);
        if (_opcode < CloseFrame && _isText && !TryValidate(isWhole: false)) _fault = InboundFault.NotUtf8;
    }

    /// <summary>Takes the mask off, and answers with the mask for the byte that comes next.</summary>
    private static uint Unmask(ReadOnlySpan<byte> masked, Span<byte> plain, uint mask)
    {
        var words = masked.Length / sizeof(uint) * sizeof(uint);
        var from = MemoryMarshal.Cast<byte, uint>(masked[..words]);
        var to = MemoryMarshal.Cast<byte, uint>(plain[..words]);
        for (var i = 0; i < from.Length; i++) to[i] = from[i] ^ mask;
        Span<byte> key = stackalloc byte[MaskBytes];
        MemoryMarshal.Write(key, mask);
        for (var i = words; i < masked.Length; i++) plain[i] = (byte)(masked[i] ^ key[i - words]);
        var turned = masked.Length - words;
        return BitConverter.IsLittleEndian ? uint.RotateRight(mask, turned * 8) : uint.RotateLeft(mask, turned * 8);
    }

    private void End(IInboundFrames frames)
    {
        if (_fault != InboundFault.None)
        {
            // Only a close is looked at still: it ends the connection.
            IsClosed |= _opcode == CloseFrame;
            return;
        }
        switch (_opcode)
        {
            case Ping:
                frames.OnPing(_control.Bytes);
                break;
            case Pong:
                frames.OnPong();
                break;
            case CloseFrame:
                IsClosed = true;
                _fault = TryReadClose(_control.Bytes, out var code);
                if (_fault == InboundFault.None) frames.OnClose(code);
                break;
            case var _ when _isLast:
                EndMessage(frames);
                break;
        }
        _control.Return();
    }

    private void EndMessage(IInboundFrames frames)
    {
        if (_isText && !TryValidate(isWhole: true)) _fault = InboundFault.NotUtf8;
        else frames.OnMessage(_isText, _message.Bytes);
        _message.Return();
        (_isOpen, _fragments, _announced, _validated) = (false, 0, 0, 0);
    }

    /// <summary>Looks at what came since the last look; a character that may still be completed waits for the next one.</summary>
    private bool TryValidate(bool isWhole)
    {
        var bytes = _message.Bytes[_validated..];
        var whole = bytes.Length - (isWhole ? 0 : IncompleteEnd(bytes));
        _validated += whole;
        return Utf8.IsValid(bytes[..whole]);
    }

    // How many bytes at the end are the beginning of a character of which more may come.
    private static int IncompleteEnd(ReadOnlySpan<byte> bytes)
    {
        for (var length = 1; length < 4 && length <= bytes.Length; length++)
        {
            var first = bytes[^length];
            if ((first & 0xC0) == 0x80) continue;
            return Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == OperationStatus.NeedMoreData ? length : 0;
        }
        return 0;
    }

    private static InboundFault TryReadClose(ReadOnlySpan<byte> payload, out int? code)
    {
        code = null;
        if (payload.IsEmpty) return InboundFault.None;
        if (payload.Length < 2) return InboundFault.Broken;
        code = BinaryPrimitives.ReadUInt16BigEndian(payload);
        // What may be sent (section 7.4): registered codes but for those that only say what happened, and the applications' own.
        var isAllowed = code is (>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999);
        if (!isAllowed) return InboundFault.Broken;
        return Utf8.IsValid(payload[2..]) ? InboundFault.None : InboundFault.NotUtf8;
    }

    [InlineArray(2 + sizeof(long) + MaskBytes)]
    private struct HeaderBytes
    {
        private byte _first;
    }

    /// <summary>Bytes in a pooled buffer, which grows as they come and not as they are announced.</summary>
    private struct Buffered
    {
        private byte[]? _buffer;
        private int _length;

        public readonly ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

        public Span<byte> Extend(int by)
        {
            var needed = _length + by;
            if (_buffer is null || needed > _buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(LeastBuffer, _length * 2)));
                Bytes.CopyTo(larger);
                if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = larger;
            }
            var from = _length;
            _length = needed;
            return _buffer.AsSpan(from, by);
        }

        public void Return()
        {
            if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
            this = default;
        }
    }
}
