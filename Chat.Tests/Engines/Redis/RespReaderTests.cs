using System.Globalization;
using System.Text;
using Chat.Engines.Redis.Subscriber;
using FsCheck;
using FsCheck.Xunit;

namespace Chat.Tests.Engines.Redis;

public sealed class RespReaderTests
{
    private const int MaxPayload = 300;

    /// <summary>One of each kind, with payloads that look like replies.</summary>
    private static readonly (string Wire, string Read)[] Replies =
    [
        ("+OK\r\n", "Ok"),
        ("+PONG\r\n", "Pong"),
        ("*2\r\n$4\r\npong\r\n$0\r\n\r\n", "Pong"),
        ("-NOPERM this user may not\r\n", "Error:NOPERM this user may not"),
        ("*3\r\n$9\r\nsubscribe\r\n$8\r\nstatus:a\r\n:1\r\n", "Subscribed:status:a"),
        ("*3\r\n$11\r\nunsubscribe\r\n$8\r\nstatus:a\r\n:0\r\n", "Unsubscribed:status:a"),
        (Message("status:a", "{}"), "Message:status:a={}"),
        (Message("status:b", ""), "Message:status:b="),
        (Message("c", "*3\r\n$7\r\nmessage\r\n"), "Message:c=*3\r\n$7\r\nmessage\r\n"),
        (Message("d", new string('x', MaxPayload)), $"Message:d={new string('x', MaxPayload)}"),
        (Message("e", new string('x', MaxPayload + 1)), "TooLarge:e"),
        (Message("f", "número ✓"), "Message:f=número ✓"),
    ];

    public static TheoryData<string> Garbled =>
    [
        "HTTP/1.1 400 Bad Request\r\n", ":1\r\n", "$1\r\na\r\n", "*4\r\n", "*-1\r\n", ">3\r\n", "+OK\n", "\r\n",
        "*3\r\n$5\r\nother\r\n", "*2\r\n$4\r\nping\r\n$0\r\n\r\n", "*3\r\n$7\r\nmessage\r\n$-1\r\n", "*3\r\n$7\r\nmessage\r\n:1\r\n",
        "*3\r\n$7\r\nmessage\r\n$1\r\nab\r\n", "*3\r\n$7\r\nmessage\r\n$99999\r\n", "*3\r\n$7\r\nmessage\r\n$1 \r\na\r\n",
        "*3\r\n$7\r\nmessage\r\n$99999999999999999999\r\n", "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n$1\r\n1\r\n",
    ];

    [Fact]
    public void Replies_are_read_however_they_are_cut_in_two()
    {
        var wire = Encoding.UTF8.GetBytes(string.Concat(Replies.Select(r => r.Wire)));

        for (var cut = 0; cut <= wire.Length; cut++) Assert.Equal(Replies.Select(r => r.Read), Read([wire[..cut], wire[cut..]]));
    }

    [Fact]
    public void Replies_are_read_byte_by_byte()
    {
        var wire = Encoding.UTF8.GetBytes(string.Concat(Replies.Select(r => r.Wire)));

        Assert.Equal(Replies.Select(r => r.Read), Read(wire.Select(b => new[] { b })));
    }

    [Property(MaxTest = 300)]
    public void Whatever_comes_in_whatever_pieces_is_read_in_its_order(byte[] which, NonEmptyArray<byte> pieces)
    {
        var replies = which.Select(w => Replies[w % Replies.Length]).ToArray();
        ReadOnlyMemory<byte> wire = Encoding.UTF8.GetBytes(string.Concat(replies.Select(r => r.Wire)));

        Assert.Equal(replies.Select(r => r.Read), Read(Cut()));

        IEnumerable<byte[]> Cut()
        {
            for (var i = 0; !wire.IsEmpty; i++)
            {
                var piece = Math.Min(wire.Length, 1 + pieces.Get[i % pieces.Get.Length]);
                yield return wire[..piece].ToArray();
                wire = wire[piece..];
            }
        }
    }

    [Theory]
    [MemberData(nameof(Garbled))]
    public void What_is_no_reply_is_said_to_be_none_however_it_comes(string wire)
    {
        var bytes = Encoding.UTF8.GetBytes(wire);

        Assert.Throws<InvalidDataException>(() => Read([bytes]));
        Assert.Throws<InvalidDataException>(() => Read(bytes.Select(b => new[] { b })));
    }

    [Fact]
    public void A_line_without_an_end_is_not_waited_for() =>
        Assert.Throws<InvalidDataException>(() => Read(Enumerable.Repeat("-xxxxxxx"u8.ToArray(), 1000)));

    [Property(MaxTest = 1000)]
    public void Any_bytes_are_replies_or_none_or_wait_for_more(byte[] bytes)
    {
        try
        {
            Read([bytes]);
        }
        catch (InvalidDataException)
        {
            // As it says.
        }
    }

    private static string Message(string channel, string payload) => string.Create(
        CultureInfo.InvariantCulture,
        $"*3\r\n$7\r\nmessage\r\n${channel.Length}\r\n{channel}\r\n${Encoding.UTF8.GetByteCount(payload)}\r\n{payload}\r\n");

    // As a connection does: what is not consumed is there again at the next read, with more.
    private static List<string> Read(IEnumerable<byte[]> pieces)
    {
        var reader = new RespReader(MaxPayload);
        var read = new List<string>();
        byte[] left = [];
        foreach (var piece in pieces)
        {
            byte[] bytes = [.. left, .. piece];
            var start = 0;
            while (true)
            {
                var isComplete = reader.TryRead(bytes.AsSpan(start), out var consumed, out var reply);
                start += consumed;
                if (!isComplete) break;
                read.Add(Describe(reply));
            }
            left = bytes[start..];
            Assert.True(left.Length <= MaxPayload + RespReader.MostAround);
        }
        return read;
    }

    private static string Describe(RespReply reply)
    {
        var text = Encoding.UTF8.GetString(reply.Text);
        return reply.Kind switch
        {
            RespKind.Message => $"Message:{text}={Encoding.UTF8.GetString(reply.Payload)}",
            RespKind.Ok or RespKind.Pong => $"{reply.Kind}",
            _ => $"{reply.Kind}:{text}",
        };
    }
}
