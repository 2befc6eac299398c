using System.Net;
using System.Net.Sockets;
using System.Text;
using Chat.Core.Bus;
using Chat.Engines.Redis;
using Chat.Tests.Api;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Chat.Tests.Engines.Redis;

/// <summary>What the connections that receive statuses do when a server dies, hangs, refuses, or sends what nobody understands.</summary>
public sealed class SubscriberFaultTests : IAsyncLifetime
{
    private readonly List<IHost> _hosts = [];
    private readonly CapturedLogs _logs = new();
    private ServerProcess _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var server = await RedisServer.TryStartAsync();
        Assert.SkipWhen(server is null, "No redis-server to kill.");
        _server = server;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await ((IAsyncDisposable)host).DisposeAsync();
        _logs.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Thousands_of_subscriptions_stand_again_after_the_server_was_killed(int connections)
    {
        const int Conversations = 3000;
        var (bus, peer) = (Open(connections), Open(connections));
        var ids = Enumerable.Range(0, Conversations).Select(_ => Guid.NewGuid()).ToArray();
        var seen = new Observed<Guid>();
        var restored = new Observed<int>();
        bus.Restored += () => restored.Add(0);
        await Task.WhenAll(ids.Select(id => bus.SubscribeAsync(id, _ => seen.Add(id), Cancellation).AsTask()));

        await _server.KillAsync();
        await _server.StartAsync();

        await restored.CountAsync(1, "the signal");
        // With several connections one may be lost once the others are back.
        await SubscribedAsync(Conversations);
        await PublishAsync(peer, [.. ids.Select(id => (id, "after"))]);
        await seen.UntilAsync(items => items.Count >= Conversations && !ids.Except(items).Any(), "a payload each");
    }

    [Fact]
    public async Task A_server_that_hangs_is_left_and_what_it_had_stands_again_once_it_goes_on()
    {
        var (bus, conversation, seen, restored) = (Open(), Guid.NewGuid(), new Observed<string>(), new Observed<int>());
        bus.Restored += () => restored.Add(0);
        await using var subscription = await SubscribeAsync(bus, conversation, seen);

        await _server.SignalAsync("STOP");
        try
        {
            await LogAsync("did not answer a ping");
        }
        finally
        {
            await _server.SignalAsync("CONT");
        }

        await restored.CountAsync(1, "the signal");
        await PublishAsync(bus, [(conversation, "after")]);
        Assert.Contains("after", await seen.UntilAsync(items => items.Contains("after"), "the payload after"));
    }

    [Fact]
    public async Task Subscriptions_come_and_go_while_the_server_is_away()
    {
        var bus = Open();
        Guid stays = Guid.NewGuid(), goes = Guid.NewGuid(), comes = Guid.NewGuid();
        var (seen, restored) = (new Observed<string>(), new Observed<int>());
        bus.Restored += () => restored.Add(0);
        await using var staying = await SubscribeAsync(bus, stays, seen);
        var going = await SubscribeAsync(bus, goes, seen);
        await _server.KillAsync();
        await LogAsync("Lost the Redis connection");

        await going.DisposeAsync();
        var coming = SubscribeAsync(bus, comes, seen).AsTask();
        await _server.StartAsync();

        await restored.CountAsync(1, "the signal");
        await using var came = await coming.WaitAsync(Deadline.Length, Cancellation);
        await PublishAsync(bus, [(goes, "gone"), (stays, "a"), (comes, "b")]);
        await seen.UntilAsync(items => items.Contains("a") && items.Contains("b"), "both payloads");
        Assert.DoesNotContain("gone", seen.Items);
    }

    [Fact]
    public async Task What_is_larger_than_any_payload_is_skipped_and_what_follows_arrives()
    {
        var (bus, conversation, seen) = (Open(), Guid.NewGuid(), new Observed<string>());
        await using var subscription = await SubscribeAsync(bus, conversation, seen);
        var large = new string('x', 700_000);

        await PublishAsync(bus, [(conversation, large), (conversation, new string('y', 5_000_000)), (conversation, "after")]);

        var items = await seen.UntilAsync(all => all.Contains("after"), "what follows");
        Assert.Equal([large, "after"], items.Distinct());
        await LogAsync("has more than");
    }

    [Fact]
    public async Task What_nobody_understands_ends_the_connection_and_is_said_once_and_another_takes_its_place()
    {
        await using var port = new InjectingPort(_server.Port);
        var (bus, peer) = (Open(address: $"127.0.0.1:{port.Port}"), Open());
        var (conversation, seen, restored) = (Guid.NewGuid(), new Observed<string>(), new Observed<int>());
        bus.Restored += () => restored.Add(0);
        await using var subscription = await SubscribeAsync(bus, conversation, seen);

        await port.InjectAsync("{\"this is\":\"a secret\"}\r\n", where: "SUBSCRIBE");

        await restored.CountAsync(1, "the signal");
        await PublishAsync(peer, [(conversation, "after")]);
        await seen.CountAsync(1, "the payload after");
        var lines = _logs.Lines.Where(l => l.Contains("is not understood", StringComparison.Ordinal)).ToList();
        Assert.Contains("Lost the Redis connection that receives statuses", Assert.Single(lines), StringComparison.Ordinal);
        Assert.DoesNotContain(_logs.Lines, l => l.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_channel_that_the_server_refuses_is_tried_again_and_the_others_go_on()
    {
        var (allowed, refused, seen) = (Guid.NewGuid(), Guid.NewGuid(), new Observed<string>());
        using var admin = await ConnectionMultiplexer.ConnectAsync($"{_server.Address},allowAdmin=true");
        var database = admin.GetDatabase();
        await database.ExecuteAsync("ACL", "SETUSER", "hub", "on", ">secret", "+@all", "~*", "resetchannels", $"&status:{allowed}");
        var bus = Open(address: $"{_server.Address},user=hub,password=secret");
        await using var subscription = await SubscribeAsync(bus, allowed, seen);

        var subscribing = SubscribeAsync(bus, refused, seen).AsTask();
        await LogAsync("Could not subscribe to conversation");
        await PublishAsync(Open(), [(allowed, "a")]);
        await seen.CountAsync(1, "the payload of the one that is allowed");
        Assert.False(subscribing.IsCompleted);
        await database.ExecuteAsync("ACL", "SETUSER", "hub", "allchannels");

        await using var granted = await subscribing.WaitAsync(Deadline.Length, Cancellation);
        await PublishAsync(Open(), [(refused, "b")]);
        Assert.Equal(["a", "b"], await seen.CountAsync(2, "both payloads"));
        Assert.DoesNotContain(_logs.Lines, l => l.Contains("secret", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1000, ",ssl=true")]
    public async Task A_server_that_does_not_answer_is_given_up_in_time(int backlog, string settings)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        await GivenUpAsync(listener, backlog, $"{listener.LocalEndPoint}", settings, "no answer within 300 ms");
    }

    [Fact]
    public async Task A_Unix_socket_whose_server_takes_no_connection_is_given_up_too()
    {
        var path = Path.Combine(Path.GetTempPath(), $"chat-{Guid.NewGuid():N}");
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));

            await GivenUpAsync(listener, 0, $"!{path}", "", "No Redis connection that receives statuses");
        }
        finally
        {
            File.Delete(path);
        }
    }

    // The system connects as many clients as the backlog has room for, and one more, to a listener that takes none; the others wait, and
    // those that are connected wait for what the server says.
    private async Task GivenUpAsync(Socket listener, int backlog, string address, string settings, string line)
    {
        listener.Listen(backlog);
        using var first = new Socket(listener.AddressFamily, SocketType.Stream, listener.ProtocolType);
        await first.ConnectAsync(listener.LocalEndPoint!, Cancellation);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var bus = Open(address: $"{address},abortConnect=false,connectTimeout=300{settings}");

        var subscribing = bus.SubscribeAsync(Guid.NewGuid(), _ => { }, gone.Token).AsTask();

        await LogAsync(line);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => subscribing.WaitAsync(Deadline.Length, Cancellation));
        foreach (var host in _hosts) await ((IAsyncDisposable)host).DisposeAsync().AsTask().WaitAsync(Deadline.Length, Cancellation);
        _hosts.Clear();
    }

    private IStatusBus Open(int connections = 1, string? address = null)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(_logs);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            // A publish on a slow machine is late, and not lost.
            ["ConnectionStrings:redis"] = $"{address ?? _server.Address},asyncTimeout=30000",
            ["Redis:SubscriberConnections"] = $"{connections}",
            ["Redis:RetryPause"] = "00:00:00.050",
        });
        builder.AddRedisStatusBus();
        var host = builder.Build();
        _hosts.Add(host);
        return host.Services.GetRequiredService<IStatusBus>();
    }

    private static ValueTask<IAsyncDisposable> SubscribeAsync(IStatusBus bus, Guid conversation, Observed<string> seen) =>
        bus.SubscribeAsync(conversation, payload => seen.Add(Encoding.UTF8.GetString(payload.Span)), Cancellation);

    // The publisher's connection comes back by itself, at a time of its own.
    private static async Task PublishAsync(IStatusBus bus, (Guid Conversation, string Payload)[] messages)
    {
        var payloads = messages.Select(m => new BusMessage(m.Conversation, Encoding.UTF8.GetBytes(m.Payload))).ToArray();
        await Until.TrueAsync(
            async () =>
            {
                try
                {
                    await bus.PublishAsync(payloads[..1], Cancellation);
                    return true;
                }
                catch (Exception exception) when (exception is RedisException or TimeoutException)
                {
                    return false;
                }
            },
            "a server that takes what is published",
            Deadline.Length);
        await bus.PublishAsync(payloads[1..], Cancellation);
    }

    private async Task SubscribedAsync(int channels)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(_server.Address);
        var server = connection.GetServers()[0];
        await Until.TrueAsync(
            async () => (await server.SubscriptionChannelsAsync(RedisChannel.Pattern("status:*"))).Length == channels,
            $"{channels} subscriptions",
            Deadline.Length);
    }

    private Task LogAsync(string text) => Until.TrueAsync(
        () => _logs.Lines.Any(line => line.Contains(text, StringComparison.Ordinal)), $"a line that says: {text}", Deadline.Length);

    /// <summary>A port that passes everything on, and can say something of its own to a connection that said a word.</summary>
    private sealed class InjectingPort : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly List<(StringBuilder Said, NetworkStream Client)> _connections = [];
        private readonly Task _accepting;

        public InjectingPort(int serverPort)
        {
            _listener.Start();
            _accepting = AcceptAsync(serverPort);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        /// <summary>Says it to those that ask for a channel of ours.</summary>
        public async Task InjectAsync(string text, string where)
        {
            List<NetworkStream> clients;
            lock (_connections)
            {
                clients =
                [
                    .. _connections.Where(c => c.Said.ToString().Contains(where, StringComparison.Ordinal)
                        && c.Said.ToString().Contains(StatusChannel.Prefix, StringComparison.Ordinal)).Select(c => c.Client),
                ];
            }
            Assert.Single(clients);
            await clients[0].WriteAsync(Encoding.UTF8.GetBytes(text), Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _accepting;
            _stop.Dispose();
        }

        private async Task AcceptAsync(int serverPort)
        {
            var passing = new List<Task>();
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    var server = new TcpClient();
                    await server.ConnectAsync(IPAddress.Loopback, serverPort, _stop.Token);
                    var said = new StringBuilder();
                    lock (_connections) _connections.Add((said, client.GetStream()));
                    passing.Add(PassAsync(client, server, said));
                    passing.Add(PassAsync(server, client, null));
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(passing);
            }
        }

        private async Task PassAsync(TcpClient from, TcpClient to, StringBuilder? said)
        {
            var buffer = new byte[16 * 1024];
            try
            {
                int read;
                while ((read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0)
                {
                    if (said is not null)
                    {
                        lock (_connections) said.Append(Encoding.UTF8.GetString(buffer, 0, read));
                    }
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                }
            }
            catch (Exception exception)
                when (exception is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // One of the two is gone.
            }
            from.Dispose();
            to.Dispose();
        }
    }
}
