using System.Collections.Concurrent;
using System.Net.Sockets;
using Chat.Client;
using Chat.Tests.Browser;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Client;

/// <summary>The .NET client over real sockets to a server that a test scripts, on a clock that the test moves.</summary>
public sealed class ChatStatusClientTests : IAsyncLifetime
{
    private const string M1 = "01900000-0000-7000-8000-000000000001";

    private static readonly Guid Conversation = ProtocolRig.Conversation;

    private readonly FakeTimeProvider _time = new LimitedTime();
    private readonly ConcurrentQueue<ClientEvent> _events = [];
    private FakeServer _server = null!;
    private ChatStatusClient? _client;

    public async ValueTask InitializeAsync() => _server = await FakeServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task It_connects_with_the_token_in_a_header_and_shows_what_comes()
    {
        Connect();
        using var subscription = _client!.Subscribe(Conversation);
        var socket = await _server.SocketAsync(0);
        await socket.ReceivedAsync("subscribe");
        await socket.SendStatusAsync($"{Conversation}", M1, "FAILED", 101, "Número inexistente");

        var change = (await RaisedAsync<StatusChange>(1))[0];
        Assert.Equal(
            (Guid.Parse(M1), MessageStatus.Failed, "Número inexistente"), (change.MessageId, change.Status, change.Reason));
        Assert.Equal("a-token", Assert.Single(_server.Upgrades));
    }

    [Fact]
    public async Task After_a_break_it_comes_back_once_the_delay_is_over_and_says_where_it_was()
    {
        Connect();
        using var subscription = _client!.Subscribe(Conversation);
        var socket = await _server.SocketAsync(0);
        await socket.ReceivedAsync("subscribe");
        await socket.SendStatusAsync($"{Conversation}", M1, "SENT", 107);
        await RaisedAsync<StatusChange>(1);
        socket.Abort();
        var delay = await DelayAsync(failures: 1);
        _time.Advance(delay - TimeSpan.FromTicks(1));
        Assert.Single(_server.Upgrades);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(107, (long)(await (await _server.SocketAsync(1)).ReceivedAsync("subscribe"))["since"]!);
    }

    [Fact]
    public async Task A_delay_longer_than_a_timer_takes_is_waited_for()
    {
        _server.Refuse = static _ => 503;
        var year = TimeSpan.FromDays(365);
        Connect(options: new() { TimeProvider = _time, Random = new Highest(), ReconnectBase = year, ReconnectCap = year });
        await DelayAsync(failures: 1);
        _server.Refuse = static _ => null;
        for (var day = 0; day < 365; day++)
        {
            Assert.Empty(_server.Sockets);
            _time.Advance(TimeSpan.FromDays(1));
        }

        await _server.SocketAsync(0);
    }

    [Fact]
    public async Task A_close_that_says_so_ends_the_trying()
    {
        Connect();
        await (await _server.SocketAsync(0)).CloseAsync(4509, "too big");

        var change = await StateAsync(ConnectionState.Closed);
        Assert.Equal((4509, "too big"), (change.Code, change.Reason));
    }

    [Theory]
    [InlineData(401, ConnectionState.Closed)]
    [InlineData(429, ConnectionState.Reconnecting)]
    [InlineData(503, ConnectionState.Reconnecting)]
    public async Task It_is_told_what_the_server_answered_instead_of_a_socket(int status, ConnectionState state)
    {
        _server.Refuse = _ => status;
        _server.RetryAfter = 5;
        Connect();

        var change = await StateAsync(state, c => c.Code is not null);
        Assert.Equal(status, change.Code);
        if (state == ConnectionState.Reconnecting) Assert.True(change.Delay >= TimeSpan.FromSeconds(5));
        Assert.Equal(status == 429, _events.OfType<ClientError>().Any(e => e.Code == "too_many_connections"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_tried_again()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://{listener.LocalEndpoint}");
        listener.Stop();
        Connect(address: address);

        Assert.Equal(1006, (await StateAsync(ConnectionState.Reconnecting)).Code);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_given_up_after_fifteen_seconds()
    {
        using var silent = new TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        Connect(address: new($"http://{silent.LocalEndpoint}"));
        using var accepted = await silent.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(15));

        Assert.Equal("the server did not answer in time", (await StateAsync(ConnectionState.Reconnecting)).Reason);
    }

    [Fact]
    public async Task A_peer_that_answers_no_ping_is_left_and_connected_to_anew()
    {
        _server.Answer = static (socket, frame) =>
            (string?)frame["type"] == "ping" ? Task.CompletedTask : socket.AnswerAsync(frame);
        Connect();
        using var subscription = _client!.Subscribe(Conversation);
        var socket = await _server.SocketAsync(0);
        // Every frame of the server has come by now: none will be taken for the answer.
        await RaisedAsync<SubscriptionStart>(1);
        _time.Advance(TimeSpan.FromSeconds(30));
        await socket.ReceivedAsync("ping");
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("no answer to a ping", (await StateAsync(ConnectionState.Reconnecting)).Reason);
        _time.Advance(await DelayAsync(failures: 1));
        await _server.SocketAsync(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_token_function_that_never_answers_is_given_up_and_asked_again(bool heedsCancellation)
    {
        var asked = 0;
        Connect(token: async cancellationToken =>
        {
            var heeded = heedsCancellation ? cancellationToken : CancellationToken.None;
            if (Interlocked.Increment(ref asked) == 1) await new TaskCompletionSource<string>().Task.WaitAsync(heeded);
            return "a-token";
        });
        await Until.TrueAsync(() => Volatile.Read(ref asked) == 1, "it is asked");
        _time.Advance(TimeSpan.FromSeconds(15));

        Assert.Contains("15 s", (await RaisedAsync<ClientError>(1))[0].Message, StringComparison.Ordinal);
        _time.Advance(await DelayAsync(failures: 1));
        await _server.SocketAsync(0);
    }

    [Fact]
    public async Task A_token_function_that_fails_is_asked_again()
    {
        var asked = 0;
        Connect(token: _ => Interlocked.Increment(ref asked) == 1
            ? throw new InvalidOperationException("signed out")
            : Task.FromResult("a-token"));

        Assert.Equal("No token: signed out", (await RaisedAsync<ClientError>(1))[0].Message);
        _time.Advance(await DelayAsync(failures: 1));
        await _server.SocketAsync(0);
    }

    [Fact]
    public async Task What_is_not_recovered_is_loaded_over_REST_page_by_page()
    {
        _server.Answer = static (socket, frame) => frame.ContainsKey("since")
            ? socket.SendSubscribedAsync((string)frame["conversationId"]!, 900, recovered: false)
            : socket.AnswerAsync(frame);
        _server.Rest = static request => Task.FromResult(request.Query.Contains("before=next", StringComparison.Ordinal)
            ? FakeServer.Page([FakeServer.Item($"{Conversation}", M1, "Olá", "READ")], 950)
            : FakeServer.Page([FakeServer.Item($"{Conversation}", $"{Guid.NewGuid()}", "Olá", "ACCEPTED")], 900, next: "next"));
        Connect();
        using var subscription = _client!.Subscribe(Conversation, since: 55);

        Assert.Equal(new Resynchronization(Conversation, 900, 2, true), (await RaisedAsync<Resynchronization>(1))[0]);
        var change = Assert.Single(_events.OfType<StatusChange>());
        Assert.Equal((Guid.Parse(M1), MessageStatus.Read, true), (change.MessageId, change.Status, change.FromPage));
        Assert.Equal(new(2025, 1, 15, 10, 30, 10, TimeSpan.Zero), change.Timestamp);
        Assert.All(_server.Requests, r => Assert.Equal("Bearer a-token", r.Authorization));
    }

    [Fact]
    public async Task A_page_of_the_users_own_counts_as_shown()
    {
        _server.Rest = static _ => Task.FromResult(FakeServer.Page([FakeServer.Item($"{Conversation}", M1, "Olá", "READ")], 100));
        Connect();
        var page = await _client!.LoadPageAsync(Conversation, cancellationToken: TestContext.Current.CancellationToken);
        using var subscription = _client.Subscribe(Conversation, page.Seq);
        var socket = await _server.SocketAsync(0);
        Assert.Equal(100, (long)(await socket.ReceivedAsync("subscribe"))["since"]!);
        await socket.SendStatusAsync($"{Conversation}", M1, "DELIVERED", 101);
        await socket.SendStatusAsync($"{Conversation}", $"{Guid.Empty}", "SENT", 102);

        Assert.Equal(MessageStatus.Sent, (await RaisedAsync<StatusChange>(1))[0].Status);
    }

    [Fact]
    public async Task A_page_of_any_size_is_read_in_whatever_pieces_it_comes()
    {
        var items = Enumerable.Range(0, 200).Select(_ => FakeServer.Item(
            $"{Conversation}", $"{Guid.CreateVersion7()}", new string('á', 1000), "READ"));
        _server.Rest = _ => Task.FromResult(FakeServer.Page([.. items], 100));
        Connect();

        var page = await _client!.LoadPageAsync(Conversation, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(Enumerable.Repeat((MessageStatus?)MessageStatus.Read, 200), page.Items.Select(i => i.Status));
    }

    [Fact]
    public async Task A_request_that_is_not_answered_is_given_up()
    {
        var answered = new TaskCompletionSource<IResult>();
        var asked = new TaskCompletionSource();
        _server.Rest = _ =>
        {
            asked.TrySetResult();
            return answered.Task;
        };
        Connect();
        var page = _client!.LoadPageAsync(Conversation, cancellationToken: TestContext.Current.CancellationToken);
        await asked.Task.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(15));

        await Assert.ThrowsAsync<TimeoutException>(() => page);
        answered.SetResult(Results.NoContent());
    }

    [Fact]
    public async Task A_handler_that_fails_is_told_and_stops_neither_the_others_nor_the_connection()
    {
        Connect();
        _client!.StatusChanged += (_, _) => throw new InvalidOperationException("a bug");
        var after = 0;
        _client.StatusChanged += (_, _) => after++;
        using var subscription = _client.Subscribe(Conversation);
        var socket = await _server.SocketAsync(0);
        await socket.ReceivedAsync("subscribe");
        await socket.SendStatusAsync($"{Conversation}", M1, "SENT", 101);
        await socket.SendStatusAsync($"{Conversation}", M1, "READ", 102);
        await RaisedAsync<StatusChange>(2);
        await Until.TrueAsync(() => after == 2, "the other handler is told");

        Assert.Equal("handler", _events.OfType<ClientError>().First().Code);
        Assert.Equal(ConnectionState.Open, _client.State);
    }

    [Fact]
    public async Task A_handler_may_connect_again_and_nothing_is_raised_within_the_call()
    {
        _client = new(new(_server.Url), "a-token", new() { TimeProvider = _time });
        var (within, own) = (false, Environment.CurrentManagedThreadId);
        _client.ConnectionChanged += (_, change) =>
        {
            Assert.False(Volatile.Read(ref within) && Environment.CurrentManagedThreadId == own);
            if (change.State == ConnectionState.Connecting) _client.Connect();
            _events.Enqueue(change);
        };
        _client.ErrorOccurred += (_, error) => _events.Enqueue(error);
        within = true;
        _client.Connect();
        Volatile.Write(ref within, false);
        await StateAsync(ConnectionState.Open);

        Assert.Empty(_events.OfType<ClientError>());
        Assert.Single(_server.Upgrades);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    public void A_page_size_that_the_server_refuses_is_refused_at_once(int size)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => new ChatStatusClientOptions { PageSize = size });

        Assert.Equal("PageSize", refused.ParamName);
    }

    [Fact]
    public async Task The_last_of_two_subscriptions_ends_it()
    {
        Connect();
        var first = _client!.Subscribe(Conversation);
        using var second = _client.Subscribe(Conversation);
        first.Dispose();
        first.Dispose();
        var socket = await _server.SocketAsync(0);
        await socket.ReceivedAsync("subscribe");
        await socket.SendStatusAsync($"{Conversation}", M1, "SENT", 101);
        await RaisedAsync<StatusChange>(1);
        Assert.Empty(socket.ReceivedOf("unsubscribe"));

        second.Dispose();

        await socket.ReceivedAsync("unsubscribe");
        Assert.Single(socket.ReceivedOf("subscribe"));
    }

    [Fact]
    public async Task Dispose_when_connected_closes_the_socket_and_leaves_nothing_running()
    {
        Connect();
        var socket = await _server.SocketAsync(0);
        await StateAsync(ConnectionState.Open);
        await _client!.DisposeAsync();

        Assert.Equal(ConnectionState.Closed, _client.State);
        await Until.TrueAsync(() => socket.ClientsCloseCode == 1000, "the server hears of it");
        Assert.Throws<ObjectDisposedException>(_client.Connect);
    }

    [Fact]
    public async Task Disposing_ends_whatever_is_under_way()
    {
        var asked = new TaskCompletionSource();
        Connect(token: cancellationToken =>
        {
            asked.TrySetResult();
            return new TaskCompletionSource<string>().Task;
        });
        await asked.Task.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);

        await _client!.DisposeAsync().AsTask().WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("ftp://localhost")]
    [InlineData("/relative")]
    public void An_address_of_no_server_is_refused(string address) =>
        Assert.Throws<ArgumentException>(() => new ChatStatusClient(new(address, UriKind.RelativeOrAbsolute), "a-token"));

    private void Connect(
        Func<CancellationToken, Task<string>>? token = null, Uri? address = null, ChatStatusClientOptions? options = null)
    {
        options ??= new() { TimeProvider = _time };
        address ??= new(_server.Url);
        _client = token is null ? new(address, "a-token", options) : new(address, token, options);
        _client.ConnectionChanged += Note;
        _client.StatusChanged += Note;
        _client.SubscriptionStarted += Note;
        _client.Resynchronized += Note;
        _client.ErrorOccurred += Note;
        _client.Connect();
    }

    private void Note<T>(object? sender, T occurred)
        where T : ClientEvent => _events.Enqueue(occurred);

    private async Task<IReadOnlyList<T>> RaisedAsync<T>(int count)
    {
        await Until.TrueAsync(() => _events.OfType<T>().Count() >= count, $"{count} of {typeof(T).Name}");
        return [.. _events.OfType<T>()];
    }

    private async Task<ConnectionChange> StateAsync(ConnectionState state, Func<ConnectionChange, bool>? which = null)
    {
        ConnectionChange? last = null;
        await Until.TrueAsync(
            () =>
            {
                last = _events.OfType<ConnectionChange>().LastOrDefault();
                return last?.State == state && (which is null || which(last));
            },
            $"it is {state}");
        return last!;
    }

    private async Task<TimeSpan> DelayAsync(int failures) =>
        (await StateAsync(ConnectionState.Reconnecting, c => c.Delay is not null && c.Failures == failures)).Delay!.Value;

    // As the machine's own timers; those of the fake take any time.
    private sealed class LimitedTime : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new LimitedTimer(base.CreateTimer(callback, state, dueTime, period));
    }

    private sealed class LimitedTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(dueTime, TimeSpan.FromMilliseconds(uint.MaxValue - 1));
            return timer.Change(dueTime, period);
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }

    private sealed class Highest : Random
    {
        public override double NextDouble() => 1 - 1e-9;
    }
}
