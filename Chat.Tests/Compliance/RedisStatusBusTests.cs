using System.Text;
using Chat.Core.Bus;
using Chat.Engines.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Chat.Tests.Compliance;

public sealed class RedisStatusBusTests(RedisServer redis) : StatusBusCompliance, IClassFixture<RedisServer>
{
    private readonly List<IHost> _hosts = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected override ValueTask<IStatusBus> OpenAsync() => ValueTask.FromResult(Open(Address()).Bus);

    protected override ValueTask<IStatusBus> OpenPeerAsync(IStatusBus bus) => ValueTask.FromResult(Open(Address()).Bus);

    protected override async ValueTask CloseAsync()
    {
        foreach (var host in _hosts) await ((IAsyncDisposable)host).DisposeAsync();
    }

    [Fact]
    public async Task One_subscription_at_the_server_serves_all_who_watch_a_conversation_here_and_ends_with_the_last()
    {
        var conversation = Guid.NewGuid();
        var first = await SubscribeAsync(Bus, conversation, new());
        var second = await SubscribeAsync(Bus, conversation, new());
        Assert.Equal(1, await SubscribersAsync(conversation));

        await first.DisposeAsync();
        Assert.Equal(1, await SubscribersAsync(conversation));

        await second.DisposeAsync();
        await UntilAsync(async () => await SubscribersAsync(conversation) == 0, "the server's subscription to end");
    }

    [Fact]
    public async Task No_pattern_is_subscribed_to()
    {
        await using var subscription = await SubscribeAsync(Bus, Guid.NewGuid(), new());
        using var connection = await ConnectionMultiplexer.ConnectAsync(Address());

        Assert.Equal(0, await connection.GetServers()[0].SubscriptionPatternCountAsync());
    }

    [Fact]
    public async Task Conversations_come_and_go_and_come_again_under_load()
    {
        var conversation = Guid.NewGuid();
        for (var round = 0; round < 50; round++)
        {
            var seen = new Observed<string>();
            var subscriptions = await Task.WhenAll(
                Enumerable.Range(0, 4).Select(_ => Task.Run(async () => await SubscribeAsync(Bus, conversation, seen))));
            await PublishAsync(Peer, conversation, $"{round}");
            await seen.CountAsync(4, $"round {round}");
            await Task.WhenAll(subscriptions.Select(s => Task.Run(async () => await s.DisposeAsync())));
            Assert.Equal(Enumerable.Repeat($"{round}", 4), seen.Items);
        }
    }

    [Fact]
    public async Task A_bus_that_is_closed_from_within_a_handler_does_not_wait_for_it()
    {
        var (host, bus) = Open(Address());
        var conversation = Guid.NewGuid();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<ReadOnlyMemory<byte>> close = _ =>
        {
            host.Dispose();
            closed.SetResult();
        };
        await bus.SubscribeAsync(conversation, close, Cancellation);

        await PublishAsync(Peer, conversation, "a");

        await closed.Task.WaitAsync(Deadline.Length, Cancellation);
    }

    [Fact]
    public async Task A_subscription_that_was_given_up_leaves_nothing_behind()
    {
        var conversation = Guid.NewGuid();
        using var givenUp = new CancellationTokenSource();
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Bus.SubscribeAsync(conversation, _ => { }, givenUp.Token));

        var seen = new Observed<string>();
        await using var subscription = await SubscribeAsync(Bus, conversation, seen);
        await PublishAsync(Peer, conversation, "a");

        Assert.Equal(["a"], await seen.CountAsync(1, "the payload"));
    }

    [Fact]
    public async Task Giving_up_while_the_server_is_asked_takes_no_other_conversation_along()
    {
        var (watched, seen) = (Guid.NewGuid(), new Observed<string>());
        await using var subscription = await SubscribeAsync(Bus, watched, seen);
        for (var i = 0; i < 50; i++)
        {
            using var givenUp = new CancellationTokenSource();
            var subscribing = Bus.SubscribeAsync(Guid.NewGuid(), _ => { }, givenUp.Token).AsTask();
            await givenUp.CancelAsync();
            // The answer may have come first.
            try
            {
                await (await subscribing).DisposeAsync();
            }
            catch (OperationCanceledException)
            {
            }
        }

        await PublishAsync(Peer, watched, "a");

        Assert.Equal(["a"], await seen.CountAsync(1, "the payload"));
    }

    [Fact]
    public async Task Payloads_of_many_conversations_arrive_in_the_order_of_each_and_each_is_told_that_no_other_waits()
    {
        const int Conversations = 100, Each = 20;
        var all = Enumerable.Range(0, Conversations).Select(_ => (Id: Guid.NewGuid(), Seen: new Observed<string>())).ToArray();
        foreach (var (id, seen) in all)
        {
            await Bus.SubscribeAsync(
                id, payload => seen.Add(Encoding.UTF8.GetString(payload.Span)), () => seen.Add("settled"), Cancellation);
        }

        for (var i = 0; i < Each; i++) await PublishAsync(Peer, [.. all.Select(c => (c.Id, $"{c.Id} {i}"))]);

        foreach (var (id, seen) in all)
        {
            var last = $"{id} {Each - 1}";
            var items = await seen.UntilAsync(heard => heard.Count > 1 && heard[^2] == last && heard[^1] == "settled", "the end");
            Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{id} {i}"), items.Where(item => item != "settled"));
            Assert.DoesNotContain(items.Zip(items.Skip(1)), pair => pair is ("settled", "settled"));
        }
    }

    [Fact]
    public async Task A_server_that_was_killed_and_started_again_is_told_once_and_payloads_flow_again()
    {
        await using var server = await RedisServer.TryStartAsync();
        Assert.SkipWhen(server is null, "No redis-server to kill.");
        // Of several connections one may notice it later than the others, and tell of it again.
        var (bus, peer) = (Open(server.Address, ("Redis:SubscriberConnections", "1")).Bus, Open(server.Address).Bus);
        var conversations = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToArray();
        var seen = new Observed<string>();
        var restored = new Observed<int>();
        bus.Restored += () => restored.Add(seen.Items.Count);
        foreach (var conversation in conversations) await SubscribeAsync(bus, conversation, seen);
        await PublishAsync(peer, conversations[0], "before");
        await seen.CountAsync(1, "the payload before");

        for (var outage = 1; outage <= 2; outage++)
        {
            await server.KillAsync();
            await server.StartAsync();
            await restored.CountAsync(outage, "the signal");
            // Every subscription stands when the signal comes: what is published from then on arrives.
            string[] expected = [.. conversations.Select(c => $"{c} after outage {outage}")];
            await PublishAgainAsync(peer, [.. conversations.Zip(expected)]);
            await seen.UntilAsync(items => !expected.Except(items).Any(), "a payload each");
            Assert.Equal(outage, restored.Items.Count);
        }
    }

    [Fact]
    public async Task A_connection_that_the_server_closed_is_told_once()
    {
        await using var server = await RedisServer.TryStartAsync();
        Assert.SkipWhen(server is null, "No redis-server whose connections could be closed.");
        var (bus, peer) = (Open(server.Address).Bus, Open(server.Address).Bus);
        var conversation = Guid.NewGuid();
        var seen = new Observed<string>();
        var restored = new Observed<int>();
        bus.Restored += () => restored.Add(0);
        await SubscribeAsync(bus, conversation, seen);

        using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.Address},allowAdmin=true");
        await admin.GetServers()[0].ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await restored.CountAsync(1, "the signal");

        await PublishAsync(peer, conversation, "after");
        Assert.Equal(["after"], await seen.CountAsync(1, "the payload after"));
        Assert.Single(restored.Items);
    }

    [Fact]
    public async Task Connections_that_fell_silent_are_replaced_and_told_once()
    {
        await using var server = await RedisServer.TryStartAsync();
        Assert.SkipWhen(server is null, "No redis-server of our own.");
        await using var port = new ForwardedPort("127.0.0.1", server.Port);
        var (bus, peer) = (Open($"127.0.0.1:{port.Port}").Bus, Open(server.Address).Bus);
        var conversation = Guid.NewGuid();
        var seen = new Observed<string>();
        var restored = new Observed<int>();
        bus.Restored += () => restored.Add(0);
        await SubscribeAsync(bus, conversation, seen);
        await PublishAsync(bus, conversation, "before");
        await seen.CountAsync(1, "the payload before");

        port.SilenceConnections();

        await restored.CountAsync(1, "the signal");
        await PublishAsync(peer, conversation, "after");
        await PublishAgainAsync(bus, [(conversation, "from here")]);
        await seen.UntilAsync(items => items.Contains("after") && items.Contains("from here"), "the payloads after");
        Assert.Single(restored.Items);
    }

    [Fact]
    public async Task A_subscription_made_while_the_server_is_away_waits_for_it()
    {
        await using var server = await RedisServer.TryStartAsync();
        Assert.SkipWhen(server is null, "No redis-server to kill.");
        var (bus, peer) = (Open(server.Address).Bus, Open(server.Address).Bus);
        await SubscribeAsync(bus, Guid.NewGuid(), new());
        await server.KillAsync();

        var conversation = Guid.NewGuid();
        var seen = new Observed<string>();
        var subscribing = SubscribeAsync(bus, conversation, seen).AsTask();
        await server.StartAsync();
        using var deadline = new Deadline();
        await using var subscription = await subscribing.WaitAsync(deadline.Token);
        await PublishAgainAsync(peer, [(conversation, "after")]);

        Assert.Equal(["after"], await seen.CountAsync(1, "the payload"));
    }

    [Fact]
    public async Task A_bus_opened_before_its_server_works_once_it_is_there()
    {
        await using var server = await RedisServer.TryStartAsync();
        Assert.SkipWhen(server is null, "No redis-server to start late.");
        await server.KillAsync();
        var bus = Open($"{server.Address},connectTimeout=500").Bus;

        await server.StartAsync();
        var conversation = Guid.NewGuid();
        var seen = new Observed<string>();
        using var deadline = new Deadline();
        await using var subscription = await bus.SubscribeAsync(
            conversation, p => seen.Add(Encoding.UTF8.GetString(p.Span)), deadline.Token);
        await PublishAgainAsync(bus, [(conversation, "a")]);

        Assert.Equal(["a"], await seen.CountAsync(1, "the payload"));
    }

    [Fact]
    public async Task Publishing_to_a_server_that_is_away_throws()
    {
        await using var server = await RedisServer.TryStartAsync();
        Assert.SkipWhen(server is null, "No redis-server to kill.");
        var bus = Open($"{server.Address},asyncTimeout=500,syncTimeout=500").Bus;
        await PublishAsync(bus, Guid.NewGuid(), "a");
        await server.KillAsync();

        var thrown = await Assert.ThrowsAnyAsync<Exception>(async () => await PublishAsync(bus, Guid.NewGuid(), "b"));

        Assert.True(thrown is RedisException or TimeoutException, $"{thrown}");
    }

    [Fact]
    public async Task A_process_is_healthy_with_its_server_and_degraded_without()
    {
        await using var server = await RedisServer.TryStartAsync();
        Assert.SkipWhen(server is null, "No redis-server to kill.");
        var checks = Open($"{server.Address},asyncTimeout=500,syncTimeout=500").Host.Services.GetRequiredService<HealthCheckService>();
        Assert.Equal(HealthStatus.Healthy, (await checks.CheckHealthAsync(Cancellation)).Status);

        await server.KillAsync();

        Assert.Equal(HealthStatus.Degraded, (await checks.CheckHealthAsync(Cancellation)).Status);
    }

    [Fact]
    public async Task Sharded_channels_carry_the_same_payloads_and_no_others()
    {
        var sharded = Open(Address(), ("Redis:ShardedPubSub", "true")).Bus;
        var conversation = Guid.NewGuid();
        Observed<string> there = new(), here = new();
        await using var first = await SubscribeAsync(sharded, conversation, there);
        await using var second = await SubscribeAsync(Bus, conversation, here);

        await PublishAsync(sharded, [(conversation, "a"), (conversation, "b")]);
        await PublishAsync(Bus, [(conversation, "c")]);

        Assert.Equal(["a", "b"], await there.CountAsync(2, "both payloads"));
        Assert.Equal(["c"], await here.CountAsync(1, "the other payload"));
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Systems_with_a_prefix_each_share_a_server_and_see_nothing_of_each_other(string sharded)
    {
        var conversation = Guid.NewGuid();
        IStatusBus With(string prefix) =>
            Open(Address(), ("Redis:ChannelPrefix", prefix), ("Redis:ShardedPubSub", sharded)).Bus;
        var (staging, production) = (With("staging:"), With("production:"));
        Observed<string> there = new(), here = new();
        await using var first = await SubscribeAsync(staging, conversation, there);
        await using var second = await SubscribeAsync(production, conversation, here);

        await PublishAsync(With("staging:"), [(conversation, "a"), (conversation, "b")]);
        await PublishAsync(With("production:"), [(conversation, "c")]);
        await PublishAsync(Bus, [(conversation, "d")]);

        Assert.Equal(["a", "b"], await there.CountAsync(2, "the payloads of one"));
        Assert.Equal(["c"], await here.CountAsync(1, "the payload of the other"));
    }

    private string Address()
    {
        Assert.SkipWhen(redis.Address is null, "No Redis: set ConnectionStrings__redis, or install redis-server.");
        return redis.Address;
    }

    private (IHost Host, IStatusBus Bus) Open(string address, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            settings.Append(("ConnectionStrings:redis", address)).ToDictionary(s => s.Item1, s => (string?)s.Item2));
        builder.AddRedisStatusBus();
        var host = builder.Build();
        _hosts.Add(host);
        return (host, host.Services.GetRequiredService<IStatusBus>());
    }

    private async Task<long> SubscribersAsync(Guid conversation)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync(Address());
        return await connection.GetServers()[0].SubscriptionSubscriberCountAsync(RedisChannel.Literal(StatusChannel.For(conversation)));
    }

    // The publisher's connection comes back by itself, at a time of its own.
    private static async Task PublishAgainAsync(IStatusBus bus, (Guid, string)[] messages)
    {
        using var deadline = new Deadline();
        while (true)
        {
            try
            {
                await PublishAsync(bus, messages);
                return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException && !deadline.Passed)
            {
                await Task.Delay(20, deadline.Token);
            }
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = new Deadline();
        while (!await condition())
        {
            Assert.False(deadline.Passed, $"Waited in vain for {what}");
            await Task.Delay(10, Cancellation);
        }
    }
}
