using System.IO.Pipelines;
using System.Text;
using Chat.Api.Hub;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sockets;

namespace Chat.Tests.Hub;

/// <summary>What one socket writes, and when.</summary>
public sealed class SocketConnectionTests
{
    private readonly FeedFixture _hub = new();
    private readonly Line _line = new();

    [Fact]
    public void A_piece_is_one_write_where_nothing_waits()
    {
        Open().Send(new OutgoingBatch([Frame("a"), Frame("b"), Frame("c")]));

        Assert.Equal(["abc"], _line.Written);
    }

    [Fact]
    public void While_a_write_is_under_way_everything_waits_and_goes_out_with_the_next()
    {
        var connection = Open();
        _line.IsFull = true;
        connection.Send(Frame("a"));

        connection.Send(new OutgoingBatch([Frame("b"), Frame("c")]));
        connection.Send(Frame("d"));
        Assert.Equal(["a"], _line.Written);
        _line.Drain();

        Assert.Equal(["a", "bcd"], _line.Written);
    }

    [Fact]
    public void Older_statuses_of_a_message_in_a_piece_are_dropped_for_a_slow_reader()
    {
        var message = Guid.NewGuid();
        var connection = Open(o => (o.ConflateAboveBytes, o.MaxQueuedBytes) = (20, 1000));
        _line.IsFull = true;
        connection.Send(Frame("a"));

        connection.Send(new OutgoingBatch([Status("12345678", message, 1), Frame("x"), Status("abcdefghijklm", message, 2)]));
        _line.Drain();

        Assert.Equal(["a", "xabcdefghijklm"], _line.Written);
    }

    [Fact]
    public void A_piece_that_is_too_much_for_a_slow_reader_closes_it()
    {
        var connection = Open(o => (o.ConflateAboveBytes, o.MaxQueuedBytes) = (20, 40));
        _line.IsFull = true;
        connection.Send(Frame("a"));

        connection.Send(new OutgoingBatch([Frame(new('b', 30)), Frame(new('c', 30))]));
        connection.Send(Frame("never"));
        _line.Drain();

        Assert.Equal("a", _line.Written[0]);
        Assert.Equal([0x88, 0x0A, 0x0F, 0xA8], _line.Bytes[1][..4]);
        Assert.Equal(2, _line.Written.Count);
    }

    [Fact]
    public async Task What_goes_first_goes_out_with_the_first_frame_once_reading_begins()
    {
        var connection = new SocketConnection(_line, _hub.Options.Value, _hub.Time, _hub.Metrics, "HTTP"u8.ToArray());
        await using var session = _hub.Sessions().Open(
            "first", new(Guid.NewGuid(), FeedFixture.Organization, DateTimeOffset.MaxValue), connection);
        Assert.Empty(_line.Written);

        var reading = connection.ReadAsync(session, TestContext.Current.CancellationToken);

        Assert.Single(_line.Written);
        Assert.StartsWith("HTTP", Encoding.UTF8.GetString(_line.Bytes[0]), StringComparison.Ordinal);
        Assert.Contains("connected", Encoding.UTF8.GetString(_line.Bytes[0]), StringComparison.Ordinal);
        _line.End();
        await reading;
    }

    [Fact]
    public async Task A_look_at_all_sockets_while_the_first_bytes_go_out_closes_nothing()
    {
        _hub.Time.Advance(TimeSpan.FromHours(1));
        var connection = new SocketConnection(_line, _hub.Options.Value, _hub.Time, _hub.Metrics, "HTTP"u8.ToArray());
        await using var session = _hub.Sessions().Open(
            "first", new(Guid.NewGuid(), FeedFixture.Organization, DateTimeOffset.MaxValue), connection);
        connection.PingOrCut();
        _line.OnWrite = connection.PingOrCut;

        var reading = connection.ReadAsync(session, TestContext.Current.CancellationToken);
        connection.Send(Frame("a"));

        Assert.Equal(2, _line.Bytes.Count);
        Assert.Equal("a", _line.Written[1]);
        _line.End();
        await reading;
    }

    private static OutgoingFrame Frame(string text) => OutgoingFrame.Text(Encoding.UTF8.GetBytes(text));

    private static OutgoingFrame Status(string text, Guid message, long seq) =>
        OutgoingFrame.Text(Encoding.UTF8.GetBytes(text), message, seq);

    private SocketConnection Open(Action<HubOptions>? change = null)
    {
        change?.Invoke(_hub.Options.Value);
        return new(_line, _hub.Options.Value, _hub.Time, _hub.Metrics);
    }

    /// <summary>A connection that may take no more for a while.</summary>
    private sealed class Line : IWire
    {
        private readonly Pipe _input = new(new(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        private TaskCompletionSource? _room;

        public PipeReader Input => _input.Reader;

        public bool IsFull { get; set; }

        public Action? OnWrite { get; set; }

        public List<byte[]> Bytes { get; } = [];

        /// <summary>The payloads of each write's frames, one after the other.</summary>
        public IReadOnlyList<string> Written => [.. Bytes.Select(PayloadsOf)];

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            OnWrite?.Invoke();
            Bytes.Add(bytes.ToArray());
            if (!IsFull) return ValueTask.CompletedTask;
            _room = new();
            return new(_room.Task);
        }

        public void Drain()
        {
            IsFull = false;
            _room!.SetResult();
        }

        public void End() => _input.Writer.Complete();

        public void EndOutput()
        {
        }

        public void Abort()
        {
        }

        private static string PayloadsOf(byte[] bytes)
        {
            var text = new StringBuilder();
            for (var at = 0; at + 2 <= bytes.Length; at += 2 + bytes[at + 1])
                text.Append(Encoding.UTF8.GetString(bytes.AsSpan(at + 2, Math.Min(bytes[at + 1], bytes.Length - at - 2))));
            return text.ToString();
        }
    }
}
