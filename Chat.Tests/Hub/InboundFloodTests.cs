using System.Text;
using Chat.Api.Auth;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sockets;
using static Chat.Tests.Hub.FrameReaderTests;

namespace Chat.Tests.Hub;

/// <summary>What a client sends byte by byte, on a connection that is the test's.</summary>
public sealed class InboundFloodTests : IAsyncDisposable
{
    private const int Text = 1, Continuation = 0, Ping = 9;

    private static readonly ChatUser User = new(Guid.NewGuid(), FeedFixture.Organization, DateTimeOffset.MaxValue);

    private readonly CancellationTokenSource _cut = new();
    private FeedFixture _hub = new();
    private Task _reading = Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _cut.CancelAsync();
        await _reading;
        _cut.Dispose();
    }

    [Fact]
    public async Task A_million_empty_fragments_close_the_socket_after_a_hundred()
    {
        var line = new Line([Header(Text, 0, isLast: false)], Header(Continuation, 0, isLast: false), 1_000_000);

        Read(line);
        await _reading;

        Assert.Equal((int)CloseCode.TooManyFrames, line.CloseCode);
        Assert.InRange(line.ReadAtClose, 101 * 6, (101 * 6) + Line.AtOnce);
        Assert.DoesNotContain("pong", line.Sent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pings_of_the_protocol_are_frames_like_any_other()
    {
        _hub = new(o => (o.InboundBurst, o.InboundPerSecond) = (50, 1));
        var line = new Line([], Frame(Ping, 4), 1_000_000);

        Read(line);
        await _reading;

        Assert.Equal((int)CloseCode.TooManyFrames, line.CloseCode);
        Assert.InRange(line.ReadAtClose, 51 * 6, (51 * 10) + Line.AtOnce);
    }

    [Fact]
    public void An_announced_length_that_is_too_large_closes_the_socket_before_a_byte_of_it_came()
    {
        var line = new Line([Header(Text, 16 * 1024 + 1)]);

        Read(line);

        Assert.Equal((int)CloseCode.TooBig, line.CloseCode);
        Assert.Contains("too_big", line.Sent, StringComparison.Ordinal);
        Assert.False(_reading.IsCompleted);
    }

    [Fact]
    public void A_message_that_does_not_end_closes_the_socket_when_its_time_is_over()
    {
        var ping = Message("""{"type":"ping"}""");
        var line = new Line([ping[..10]]);
        Read(line);

        _hub.Time.Advance(TimeSpan.FromSeconds(19));
        Assert.Null(line.CloseCode);
        _hub.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal((int)CloseCode.TooSlow, line.CloseCode);
    }

    [Fact]
    public void Messages_that_end_in_time_are_answered_for_as_long_as_they_come()
    {
        var ping = Message("""{"type":"ping"}""");
        var line = new Line([ping[..10]]);
        Read(line);

        for (var i = 0; i < 20; i++)
        {
            _hub.Time.Advance(TimeSpan.FromSeconds(15));
            // The rest of one, and the next one's beginning.
            line.Bring([.. ping[10..], .. ping[..10]]);
        }

        Assert.Null(line.CloseCode);
        Assert.Equal(20, line.Sent.Split("pong").Length - 1);
    }

    private static byte[] Message(string json) => Protocol.ClientFrames.TextOf(json);

    private void Read(Line line)
    {
        var connection = new SocketConnection(new StreamWire(line, _cut.Cancel), _hub.Options.Value, _hub.Time, _hub.Metrics);
        var session = _hub.Sessions().Open("flood", User, connection);
        _reading = connection.ReadAsync(session, _cut.Token);
    }

    /// <summary>A client that sends some bytes, then others so many times, and then nothing until more is brought.</summary>
    private sealed class Line(IReadOnlyList<byte[]> first, byte[]? repeated = null, int times = 0) : Stream
    {
        public const int AtOnce = 600;

        private readonly MemoryStream _sent = new();
        private readonly Queue<byte> _waiting = new(first.SelectMany(f => f));
        private TaskCompletionSource? _more;
        private long _read;

        public int? CloseCode { get; private set; }

        /// <summary>How many bytes had been read when the server closed.</summary>
        public long ReadAtClose { get; private set; }

        public string Sent => Encoding.UTF8.GetString(_sent.ToArray());

        public void Bring(byte[] bytes)
        {
            foreach (var one in bytes) _waiting.Enqueue(one);
            var more = _more;
            _more = null;
            more?.SetResult();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_waiting.Count == 0 && times == 0)
            {
                // The end of what is repeated is the end of the connection.
                if (repeated is not null) return 0;
                _more ??= new();
                await _more.Task.WaitAsync(cancellationToken);
            }
            while (_waiting.Count < Math.Min(AtOnce, buffer.Length) && times > 0)
            {
                times--;
                foreach (var one in repeated!) _waiting.Enqueue(one);
            }
            var count = Math.Min(_waiting.Count, Math.Min(AtOnce, buffer.Length));
            for (var i = 0; i < count; i++) buffer.Span[i] = _waiting.Dequeue();
            _read += count;
            return count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _sent.Write(buffer.Span);
            // A close: FIN and opcode 8, its length, its code.
            if (buffer.Span[0] == 0x88 && CloseCode is null)
            {
                CloseCode = (buffer.Span[2] << 8) | buffer.Span[3];
                ReadAtClose = _read;
            }
            return ValueTask.CompletedTask;
        }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
