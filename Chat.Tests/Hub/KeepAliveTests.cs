using System.IO.Pipelines;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sockets;
using Chat.Tests.Hub.Protocol;

namespace Chat.Tests.Hub;

/// <summary>Pings, and the end of who does not answer or whose token is over: one look at all sockets every second.</summary>
public sealed class KeepAliveTests : IAsyncLifetime
{
    private readonly FeedFixture _hub = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConnectionRegistry _connections;
    private readonly Task _running;

    public KeepAliveTests()
    {
        _connections = new(_hub.Options);
        _running = new KeepAlive(_connections, _hub.Time).RunAsync(_stopping.Token);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running);
        _stopping.Dispose();
    }

    [Fact]
    public async Task A_silent_peer_is_pinged_once_and_cut_off_when_it_stays_silent()
    {
        await using var peer = Open();

        Pass(29);
        Assert.Empty(peer.Sent);
        Pass(1);
        Assert.Equal([0x89, 0x00], peer.Sent);
        Pass(19);
        Assert.False(peer.IsCut);
        Pass(1);

        Assert.True(peer.IsCut);
        Assert.Equal([0x89, 0x00], peer.Sent);
    }

    [Fact]
    public async Task Who_answers_is_pinged_again_and_stays()
    {
        await using var peer = Open();
        for (var i = 1; i <= 10; i++)
        {
            Pass(30);
            Assert.Equal(i * 2, peer.Sent.Length);
            peer.Bring(ClientFrames.Frame(ClientFrames.Pong, []));
        }
        Assert.False(peer.IsCut);
    }

    [Fact]
    public async Task Who_sends_something_now_and_then_is_not_pinged()
    {
        await using var peer = Open();
        for (var i = 0; i < 10; i++)
        {
            Pass(29);
            peer.Bring(ClientFrames.Frame(ClientFrames.Pong, []));
        }
        Assert.Empty(peer.Sent);
    }

    [Fact]
    public async Task A_peer_that_begins_a_frame_and_never_ends_it_is_no_silent_one_and_is_closed_for_its_slowness()
    {
        await using var peer = Open();
        Pass(29);
        peer.Bring([0x81]);
        Pass(20);

        Assert.Equal(0x88, peer.Sent[0]);
    }

    [Fact]
    public async Task Who_takes_nothing_is_closed_however_much_it_sends()
    {
        await using var peer = Open();
        peer.TakesNothing = true;

        for (var i = 0; i < 59; i++) PassAndPing(peer);
        Assert.Equal([0x8A, 0x00], peer.Sent);
        Assert.False(peer.IsCut);
        for (var i = 0; i < 7; i++) PassAndPing(peer);

        // It gets no close either: the time for that is over, and the connection is cut.
        Assert.True(peer.IsCut);
        Assert.Equal([0x8A, 0x00], peer.Sent);
    }

    [Fact]
    public async Task Who_takes_what_is_sent_slowly_is_not_cut_off_for_its_silence()
    {
        await using var peer = Open();
        peer.TakesNothing = true;
        peer.Bring(ClientFrames.Frame(ClientFrames.Ping, []));

        for (var i = 0; i < 10; i++)
        {
            Pass(55);
            peer.Connection!.Send(OutgoingFrame.Text(new byte[100_000]));
            peer.TakeOne();
        }

        Assert.False(peer.IsCut);
    }

    [Fact]
    public async Task A_socket_whose_token_is_over_is_closed_within_the_second()
    {
        await using var peer = Open(lifetime: TimeSpan.FromSeconds(10));

        Pass(9);
        Assert.Empty(peer.Sent);
        Pass(1);

        // A close of 4401 and its reason.
        Assert.Equal([0x88, 0x0F, 0x11, 0x31, .. "token expired"u8], peer.Sent);
        Pass(1);
        Assert.Equal(17, peer.Sent.Length);
    }

    private void PassAndPing(Peer peer)
    {
        Pass(1);
        if (!peer.IsCut) peer.Bring(ClientFrames.Frame(ClientFrames.Ping, []));
    }

    private void Pass(int seconds)
    {
        for (var i = 0; i < seconds; i++) _hub.Time.Advance(TimeSpan.FromSeconds(1));
    }

    private Peer Open(TimeSpan? lifetime = null)
    {
        var peer = new Peer();
        var connection = new SocketConnection(peer, _hub.Options.Value, _hub.Time, _hub.Metrics);
        var session = _hub.Sessions().Open(
            "alive",
            new(
                Guid.NewGuid(),
                FeedFixture.Organization,
                lifetime is { } brief ? _hub.Time.GetUtcNow() + brief : DateTimeOffset.MaxValue),
            connection);
        _connections.Add(connection, session);
        peer.Connection = connection;
        peer.Reading = connection.ReadAsync(session, peer.Cut);
        peer.Forget();
        return peer;
    }

    /// <summary>The client's end, which says what a test tells it to.</summary>
    private sealed class Peer : IWire, IAsyncDisposable
    {
        private readonly Pipe _pipe = new(new(
            readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        private readonly CancellationTokenSource _cut = new();
        private readonly MemoryStream _sent = new();
        private TaskCompletionSource? _taken;

        public PipeReader Input => _pipe.Reader;

        public CancellationToken Cut => _cut.Token;

        public bool IsCut => _cut.IsCancellationRequested;

        public byte[] Sent => _sent.ToArray();

        public SocketConnection? Connection { get; set; }

        public bool TakesNothing { get; set; }

        public Task Reading { get; set; } = Task.CompletedTask;

        public void Forget() => _sent.SetLength(0);

        public void Bring(byte[] bytes)
        {
            bytes.CopyTo(_pipe.Writer.GetSpan(bytes.Length));
            _pipe.Writer.Advance(bytes.Length);
            Assert.True(_pipe.Writer.FlushAsync().AsTask().IsCompletedSuccessfully);
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            _sent.Write(bytes.Span);
            if (!TakesNothing) return ValueTask.CompletedTask;
            _taken = new();
            return new(_taken.Task);
        }

        /// <summary>Takes what is being written, and no more.</summary>
        public void TakeOne() => _taken!.SetResult();

        public void EndOutput()
        {
        }

        public void Abort()
        {
            _cut.Cancel();
            _taken?.TrySetException(new IOException("Cut"));
        }

        public async ValueTask DisposeAsync()
        {
            await _cut.CancelAsync();
            await Reading;
            _cut.Dispose();
            await _sent.DisposeAsync();
        }
    }
}
