using System.Buffers.Text;

namespace Chat.Engines.Redis.Subscriber;

/// <summary>What a server says to a connection that subscribes.</summary>
internal enum RespKind
{
    /// <summary>A payload on a channel.</summary>
    Message,

    /// <summary>A payload on a channel, of more bytes than are taken: they are skipped.</summary>
    TooLarge,

    /// <summary>The channel is subscribed to.</summary>
    Subscribed,

    /// <summary>The channel is subscribed to no more.</summary>
    Unsubscribed,

    /// <summary>The answer to a PING.</summary>
    Pong,

    /// <summary>The answer to a command that has nothing to tell.</summary>
    Ok,

    /// <summary>A command was refused.</summary>
    Error,
}

/// <summary>One reply; its bytes are those that were read.</summary>
/// <param name="kind">Which one.</param>
/// <param name="text">The channel's name; of an error its text.</param>
/// <param name="payload">Of a message.</param>
internal readonly ref struct RespReply(RespKind kind, ReadOnlySpan<byte> text = default, ReadOnlySpan<byte> payload = default)
{
    public RespKind Kind { get; } = kind;

    public ReadOnlySpan<byte> Text { get; } = text;

    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>
/// Reads what a Redis server (RESP2) says to a connection that subscribes and pings, however it is cut: every length is bounded, and
/// what is too large is skipped as it comes. No I/O. Not for use by several threads at once.
/// </summary>
/// <param name="maxPayload">The most bytes of a payload.</param>
internal sealed class RespReader(int maxPayload)
{
    private const int MaxLine = 1024;
    private const int MaxName = 1024;

    /// <summary>What a reply may have beside its payload: the buffer that is read into must have room for both.</summary>
    public const int MostAround = MaxName + 128;

    // Of a payload that is skipped: what is still to come, with the end of its line.
    private long _skip;

    /// <summary>Reads the reply that the bytes begin with; false where it is not complete.</summary>
    /// <param name="consumed">The bytes that are done with, in either case.</param>
    /// <exception cref="InvalidDataException">What came is no reply of such a connection. The message has none of it.</exception>
    public bool TryRead(ReadOnlySpan<byte> bytes, out int consumed, out RespReply reply)
    {
        var skipped = (int)Math.Min(_skip, bytes.Length);
        _skip -= skipped;
        consumed = skipped;
        reply = default;
        if (_skip > 0) return false;
        var from = new Cursor(bytes[skipped..]);
        if (!TryRead(ref from, out reply)) return false;
        consumed += from.Position;
        return true;
    }

    private bool TryRead(scoped ref Cursor from, out RespReply reply)
    {
        // Nearly all that comes.
        if (from.TrySkip("*3\r\n$7\r\nmessage\r\n"u8)) return TryMessage(ref from, out reply);
        reply = default;
        if (!from.TryLine(out var line)) return false;
        switch (line)
        {
            case [(byte)'+', .. var said]:
                reply = new(said.SequenceEqual("PONG"u8) ? RespKind.Pong : RespKind.Ok);
                return true;
            case [(byte)'-', .. var said]:
                reply = new(RespKind.Error, said);
                return true;
            case [(byte)'*', (byte)'3']:
                return TryTriple(ref from, out reply);
            case [(byte)'*', (byte)'2']:
                if (!from.TryBulk(MaxName, out var pong) || !from.TryBulk(MaxName, out _)) return false;
                if (!pong.SequenceEqual("pong"u8)) throw Garbled("a pair that is no pong");
                reply = new(RespKind.Pong);
                return true;
            default:
                throw Garbled("a reply of another kind");
        }
    }

    private bool TryTriple(scoped ref Cursor from, out RespReply reply)
    {
        reply = default;
        if (!from.TryBulk(MaxName, out var kind)) return false;
        if (kind.SequenceEqual("message"u8)) return TryMessage(ref from, out reply);
        var isSubscribe = kind.SequenceEqual("subscribe"u8);
        if (!isSubscribe && !kind.SequenceEqual("unsubscribe"u8)) throw Garbled("a push of another kind");
        if (!from.TryBulk(MaxName, out var channel) || !from.TryLine(out var count)) return false;
        if (count is not [(byte)':', ..]) throw Garbled("no number of subscriptions");
        reply = new(isSubscribe ? RespKind.Subscribed : RespKind.Unsubscribed, channel);
        return true;
    }

    private bool TryMessage(scoped ref Cursor from, out RespReply reply)
    {
        reply = default;
        if (!from.TryBulk(MaxName, out var channel) || !from.TryLength(long.MaxValue / 2, out var length)) return false;
        if (length > maxPayload)
        {
            _skip = length + 2 - from.TakeUpTo(length + 2);
            reply = new(RespKind.TooLarge, channel);
            return true;
        }
        if (!from.TryBytes((int)length, out var payload)) return false;
        reply = new(RespKind.Message, channel, payload);
        return true;
    }

    private static InvalidDataException Garbled(string what) => new($"what the server sent is not understood: {what}");

    private ref struct Cursor(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public int Position { get; private set; }

        public bool TrySkip(ReadOnlySpan<byte> expected)
        {
            if (!_bytes[Position..].StartsWith(expected)) return false;
            Position += expected.Length;
            return true;
        }

        /// <summary>Up to the end of the line, which is skipped.</summary>
        public bool TryLine(out ReadOnlySpan<byte> line)
        {
            var left = _bytes[Position..];
            var end = left[..Math.Min(left.Length, MaxLine)].IndexOf((byte)'\n');
            line = default;
            if (end < 0)
            {
                if (left.Length >= MaxLine) throw Garbled("a line without an end");
                return false;
            }
            if (end == 0 || left[end - 1] != '\r') throw Garbled("a line that ends otherwise");
            line = left[..(end - 1)];
            Position += end + 1;
            return true;
        }

        public bool TryLength(long most, out long length)
        {
            length = 0;
            if (!TryLine(out var line)) return false;
            if (line is not [(byte)'$', .. var digits] || !Utf8Parser.TryParse(digits, out length, out var used) || used != digits.Length)
                throw Garbled("no length where one must be");
            if (length < 0 || length > most) throw Garbled("a length out of bounds");
            return true;
        }

        public bool TryBulk(int most, out ReadOnlySpan<byte> value)
        {
            value = default;
            return TryLength(most, out var length) && TryBytes((int)length, out value);
        }

        public bool TryBytes(int length, out ReadOnlySpan<byte> value)
        {
            value = default;
            var left = _bytes[Position..];
            if (left.Length < length + 2) return false;
            value = left[..length];
            if (!left.Slice(length, 2).SequenceEqual("\r\n"u8)) throw Garbled("a text of another length");
            Position += length + 2;
            return true;
        }

        /// <summary>Takes so many bytes, or what is there of them.</summary>
        public int TakeUpTo(long count)
        {
            var taken = (int)Math.Min(count, _bytes.Length - Position);
            Position += taken;
            return taken;
        }
    }
}
