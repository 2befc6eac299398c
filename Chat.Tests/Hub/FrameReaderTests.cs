using Chat.Api.Hub.Sockets;

namespace Chat.Tests.Hub;

/// <summary>What the bytes from a client are taken for, however they are cut into reads.</summary>
public sealed class FrameReaderTests : IInboundFrames
{
    private const int Text = 1, Binary = 2, Continuation = 0, Close = 8, Ping = 9, Pong = 10;

    private readonly List<(bool IsText, byte[] Payload)> _messages = [];
    private int _frames;

    [Fact]
    public void Every_frame_is_counted_whatever_it_is()
    {
        var frames = new FrameReader(maxBytes: 1000, maxFragments: 10);

        Assert.Equal(InboundFault.None, Take(frames, Frame(Text, 100, isLast: false)));
        Assert.Equal(InboundFault.None, Take(frames, Frame(Ping, 125)));
        Assert.Equal(InboundFault.None, Take(frames, Frame(Continuation, 0)));
        Assert.Equal(InboundFault.None, Take(frames, Frame(Pong, 0)));
        Assert.False(frames.IsClosed);
        Assert.Equal(InboundFault.None, Take(frames, Frame(Close, 0)));

        Assert.Equal(5, _frames);
        Assert.True(frames.IsClosed);
    }

    [Fact]
    public void Reads_cut_frames_anywhere_and_change_nothing()
    {
        byte[] bytes =
        [
            .. Frame(Text, 5), .. Frame(Text, 300, isLast: false), .. Frame(Ping, 3), .. Frame(Continuation, 126), .. Frame(Text, 0),
            .. Frame(Pong, 0), .. Frame(Text, 70_000), .. Frame(Text, 1),
        ];
        for (var size = 1; size < 400; size++)
        {
            _frames = 0;
            var frames = new FrameReader(maxBytes: 100_000, maxFragments: 2);
            for (var at = 0; at < bytes.Length; at += size)
                Assert.Equal(InboundFault.None, Take(frames, bytes[at..Math.Min(bytes.Length, at + size)]));
            Assert.Equal(8, _frames);
            Assert.Null(frames.Open);
        }
    }

    [Fact]
    public void The_first_fragment_above_the_most_is_one_too_many_also_when_they_are_empty()
    {
        var frames = new FrameReader(maxBytes: 1000, maxFragments: 100);
        Take(frames, Frame(Text, 0, isLast: false));
        for (var fragment = 2; fragment <= 100; fragment++)
            Assert.Equal(InboundFault.None, Take(frames, Frame(Continuation, 0, isLast: false)));

        Assert.Equal(InboundFault.TooManyFrames, Take(frames, Frame(Continuation, 0, isLast: false)));
    }

    [Fact]
    public void The_next_message_has_fragments_and_bytes_of_its_own()
    {
        var frames = new FrameReader(maxBytes: 1000, maxFragments: 2);
        for (var message = 0; message < 100; message++)
        {
            Assert.Equal(InboundFault.None, Take(frames, Frame(Text, 500, isLast: false)));
            Assert.Equal(InboundFault.None, Take(frames, Frame(Continuation, 500)));
        }
    }

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    [InlineData(70_000, true)]
    [InlineData(long.MaxValue, true)]
    public void A_length_is_judged_as_it_is_announced(long length, bool isTooBig)
    {
        var frames = new FrameReader(maxBytes: 1000, maxFragments: 2);

        Assert.Equal(isTooBig ? InboundFault.TooBig : InboundFault.None, Take(frames, Header(Text, length)));
        Assert.Equal(1, frames.Open);
    }

    [Fact]
    public void Fragments_together_may_be_no_larger_than_one_frame()
    {
        var frames = new FrameReader(maxBytes: 1000, maxFragments: 100);
        Take(frames, Frame(Text, 600, isLast: false));

        Assert.Equal(InboundFault.TooBig, Take(frames, Header(Continuation, 401)));
    }

    [Fact]
    public void After_a_fault_frames_are_followed_to_the_close_and_no_longer_counted()
    {
        var frames = new FrameReader(maxBytes: 1000, maxFragments: 100);
        Take(frames, Frame(Text, 2000));

        Take(frames, [.. Frame(Text, 10), .. Frame(Close, 0)]);

        Assert.Equal(1, _frames);
        Assert.True(frames.IsClosed);
    }

    [Fact]
    public void A_message_is_open_from_its_first_byte_to_its_last()
    {
        var frames = new FrameReader(maxBytes: 1000, maxFragments: 100);
        var message = Frame(Text, 10);

        Assert.Null(frames.Open);
        Take(frames, message[..1]);
        Assert.Equal(1, frames.Open);
        Take(frames, message[1..^1]);
        Assert.Equal(1, frames.Open);
        Take(frames, [.. message[^1..], .. message[..5]]);
        Assert.Equal(2, frames.Open);
        Take(frames, message[5..]);
        Assert.Null(frames.Open);
    }

    [Fact]
    public void A_message_is_passed_on_without_its_mask_however_it_is_cut_into_frames_and_reads()
    {
        var payload = Enumerable.Range(0, 1000).Select(i => (byte)(i * 7)).ToArray();
        byte[] bytes =
        [
            .. Protocol.ClientFrames.Fragments(Binary, payload, 1, 3, 7, 500).SelectMany(f => f),
            .. Protocol.ClientFrames.Frame(Binary, payload),
        ];
        for (var size = 1; size < 60; size++)
        {
            _messages.Clear();
            var frames = new FrameReader(maxBytes: 1000, maxFragments: 10);
            foreach (var read in bytes.Chunk(size)) Assert.Equal(InboundFault.None, Take(frames, read));
            Assert.Equal(2, _messages.Count);
            Assert.All(_messages, m => Assert.Equal(payload, m.Payload));
        }
    }

    internal static byte[] Frame(int opcode, int length, bool isLast = true) =>
        Protocol.ClientFrames.Frame(opcode, new byte[length], isLast);

    internal static byte[] Header(int opcode, long length, bool isLast = true) =>
        Protocol.ClientFrames.Header(opcode, length, isLast);

    private InboundFault Take(FrameReader frames, byte[] bytes) => frames.Take(bytes, this);

    bool IInboundFrames.OnFrame() => ++_frames > 0;

    void IInboundFrames.OnMessage(bool isText, ReadOnlySpan<byte> payload) => _messages.Add((isText, payload.ToArray()));

    void IInboundFrames.OnPing(ReadOnlySpan<byte> payload)
    {
    }

    void IInboundFrames.OnPong()
    {
    }

    void IInboundFrames.OnClose(int? code)
    {
    }
}
