using System.Buffers.Binary;

namespace Chat.Api.Hub.Sockets;

/// <summary>What is wrong with what a client sends.</summary>
internal enum InboundFault
{
    None,

    /// <summary>More frames than it may send, or a message in more fragments.</summary>
    TooManyFrames,

    /// <summary>A message whose frames announce more bytes than the server takes.</summary>
    TooBig,
}

/// <summary>
/// Follows the frames (RFC 6455, section 5.2) in the bytes from a client: every one is counted as its header comes in, whether it is a
/// fragment, a ping or a pong, and a length is judged as it is announced. Whether frames are right is for the protocol's reader to say.
/// No clock, no I/O.
/// </summary>
internal sealed class InboundFrames(int maxBytes, int maxFragments)
{
    private const int MaxHeader = 14;
    private const int CloseOpcode = 8;

    private readonly byte[] _header = new byte[MaxHeader];
    private int _headerBytes;
    private long _payloadLeft;
    private int _fragments;
    private long _messageBytes;
    private InboundFault _fault;

    /// <summary>The number of the message or control frame that has begun and not ended; null between them.</summary>
    public long? Open => _headerBytes > 0 || _payloadLeft > 0 || _fragments > 0 ? Begun : null;

    /// <summary>Whether the client closes.</summary>
    public bool IsClosed { get; private set; }

    private long Begun { get; set; }

    /// <summary>Takes the next bytes. After a fault, frames are followed and no longer judged.</summary>
    /// <param name="onFrame">Asked as each frame begins; false where it is one too many.</param>
    public InboundFault Take(ReadOnlySpan<byte> bytes, Func<bool> onFrame)
    {
        while (!bytes.IsEmpty)
        {
            if (Open is null) Begun++;
            if (_payloadLeft > 0)
            {
                var part = (int)Math.Min(_payloadLeft, bytes.Length);
                _payloadLeft -= part;
                bytes = bytes[part..];
                continue;
            }
            _header[_headerBytes++] = bytes[0];
            bytes = bytes[1..];
            if (_headerBytes < 2 || _headerBytes < HeaderLength()) continue;
            _fault = Begin(onFrame);
        }
        return _fault;
    }

    private int HeaderLength()
    {
        var mask = (_header[1] & 0x80) == 0 ? 0 : 4;
        return (_header[1] & 0x7F) switch
        {
            126 => 4 + mask,
            127 => 10 + mask,
            _ => 2 + mask,
        };
    }

    private InboundFault Begin(Func<bool> onFrame)
    {
        _headerBytes = 0;
        var length = (_header[1] & 0x7F) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
            127 => BinaryPrimitives.ReadInt64BigEndian(_header.AsSpan(2)),
            var small => small,
        };
        // The reader refuses a length whose first bit is set.
        _payloadLeft = length < 0 ? long.MaxValue : length;
        var opcode = _header[0] & 0x0F;
        IsClosed |= opcode == CloseOpcode;
        if (_fault != InboundFault.None) return _fault;
        if (!onFrame()) return InboundFault.TooManyFrames;
        // A control frame may come between a message's fragments, and is none of them.
        return opcode >= CloseOpcode ? InboundFault.None : Judge(isLast: (_header[0] & 0x80) != 0);
    }

    private InboundFault Judge(bool isLast)
    {
        _fragments++;
        // The sum of numbers that are no larger than the most, and of one that may be anything.
        var fits = _payloadLeft <= maxBytes - _messageBytes;
        var fault = !fits ? InboundFault.TooBig : _fragments > maxFragments ? InboundFault.TooManyFrames : InboundFault.None;
        if (isLast) (_fragments, _messageBytes) = (0, 0);
        else if (fits) _messageBytes += _payloadLeft;
        return fault;
    }
}
