using System.Text;
using Chat.Core.Bus;

namespace Chat.Tests.Compliance;

/// <summary>What every <see cref="IStatusBus"/> promises. An engine derives from it and says how it is opened.</summary>
public abstract class StatusBusCompliance : IAsyncLifetime
{
    /// <summary>Opens a bus; skips the test, saying why, where its server is not there.</summary>
    protected abstract ValueTask<IStatusBus> OpenAsync();

    /// <summary>A second client of the same bus, as another process has it; the same one where the bus is in process.</summary>
    protected virtual ValueTask<IStatusBus> OpenPeerAsync(IStatusBus bus) => ValueTask.FromResult(bus);

    protected virtual ValueTask CloseAsync() => ValueTask.CompletedTask;

    protected IStatusBus Bus { get; private set; } = null!;

    protected IStatusBus Peer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Bus = await OpenAsync();
        Peer = await OpenPeerAsync(Bus);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await CloseAsync();
    }

    [Fact]
    public async Task A_payload_published_after_the_subscription_stands_arrives_byte_for_byte()
    {
        var conversation = Guid.NewGuid();
        var seen = new Observed<string>();
        await using var subscription = await SubscribeAsync(Bus, conversation, seen);

        await PublishAsync(Peer, conversation, "{\"type\":\"message.status\",\"reason\":\"número inválido ✓✓\"}");

        var items = await seen.CountAsync(1, "the payload");
        Assert.Equal(["{\"type\":\"message.status\",\"reason\":\"número inválido ✓✓\"}"], items);
    }

    [Fact]
    public async Task Payloads_of_one_publisher_to_one_conversation_arrive_in_order_and_none_twice()
    {
        var conversation = Guid.NewGuid();
        var seen = new Observed<string>();
        await using var subscription = await SubscribeAsync(Bus, conversation, seen);

        var expected = Enumerable.Range(0, 1000).Select(i => $"{i}").ToArray();
        foreach (var batch in expected.Chunk(70))
            await PublishAsync(Peer, [.. batch.Select(p => (conversation, p))]);
        await PublishAsync(Peer, conversation, "end");

        Assert.Equal([.. expected, "end"], await seen.UntilAsync(items => items.Contains("end"), "the last payload"));
    }

    [Fact]
    public async Task Who_asks_is_told_after_one_payload_or_several_that_no_other_waits()
    {
        const string Settled = "settled";
        var conversation = Guid.NewGuid();
        var seen = new Observed<string>();
        await using var subscription = await Bus.SubscribeAsync(
            conversation,
            payload => seen.Add(Encoding.UTF8.GetString(payload.Span)),
            () => seen.Add(Settled),
            TestContext.Current.CancellationToken);

        var expected = Enumerable.Range(0, 300).Select(i => $"{i}").ToArray();
        foreach (var batch in expected.Chunk(70))
            await PublishAsync(Peer, [.. batch.Select(p => (conversation, p))]);

        var items = await seen.UntilAsync(all => all is [.., "299", Settled], "the end");
        Assert.Equal(expected, items.Where(item => item != Settled));
        Assert.NotEqual(Settled, items[0]);
        Assert.DoesNotContain(items.Zip(items.Skip(1)), pair => pair is (Settled, Settled));
    }

    [Fact]
    public async Task A_subscriber_hears_only_its_own_conversation()
    {
        Guid mine = Guid.NewGuid(), other = Guid.NewGuid();
        Observed<string> seenMine = new(), seenOther = new();
        await using var first = await SubscribeAsync(Bus, mine, seenMine);
        await using var second = await SubscribeAsync(Bus, other, seenOther);

        await PublishAsync(Peer, [(mine, "a"), (other, "b"), (mine, "c"), (other, "d")]);

        Assert.Equal(["a", "c"], await seenMine.CountAsync(2, "my payloads"));
        Assert.Equal(["b", "d"], await seenOther.CountAsync(2, "the other's payloads"));
    }

    [Fact]
    public async Task Every_subscriber_of_a_conversation_hears_every_payload()
    {
        var conversation = Guid.NewGuid();
        Observed<string> here = new(), beside = new(), elsewhere = new();
        await using var first = await SubscribeAsync(Bus, conversation, here);
        await using var second = await SubscribeAsync(Bus, conversation, beside);
        await using var third = await SubscribeAsync(Peer, conversation, elsewhere);

        await PublishAsync(Bus, [(conversation, "a"), (conversation, "b")]);

        foreach (var seen in new[] { here, beside, elsewhere })
            Assert.Equal(["a", "b"], await seen.CountAsync(2, "both payloads"));
    }

    [Fact]
    public async Task Publishing_while_nobody_listens_is_no_error_and_leaves_nothing_behind()
    {
        var conversation = Guid.NewGuid();
        await PublishAsync(Peer, conversation, "before");

        var seen = new Observed<string>();
        await using var subscription = await SubscribeAsync(Bus, conversation, seen);
        await PublishAsync(Peer, conversation, "after");

        Assert.Equal(["after"], await seen.CountAsync(1, "the second payload"));
    }

    [Fact]
    public async Task Publishing_nothing_is_no_error() => await Peer.PublishAsync([], TestContext.Current.CancellationToken);

    [Fact]
    public async Task A_disposed_subscription_hears_nothing_more_and_the_others_go_on()
    {
        var conversation = Guid.NewGuid();
        Observed<string> left = new(), stays = new();
        var leaving = await SubscribeAsync(Bus, conversation, left);
        await using var staying = await SubscribeAsync(Bus, conversation, stays);
        await PublishAsync(Peer, conversation, "a");
        await left.CountAsync(1, "the payload before");

        await leaving.DisposeAsync();
        await PublishAsync(Peer, conversation, "b");

        Assert.Equal(["a", "b"], await stays.CountAsync(2, "both payloads"));
        Assert.Equal(["a"], left.Items);
    }

    [Fact]
    public async Task A_conversation_can_be_subscribed_to_again()
    {
        var conversation = Guid.NewGuid();
        Observed<string> before = new(), again = new();
        var first = await SubscribeAsync(Bus, conversation, before);
        await first.DisposeAsync();
        await using var second = await SubscribeAsync(Bus, conversation, again);

        await PublishAsync(Peer, conversation, "a");

        Assert.Equal(["a"], await again.CountAsync(1, "the payload"));
        Assert.Empty(before.Items);
    }

    [Fact]
    public async Task Disposing_a_subscription_twice_takes_nobody_elses()
    {
        var conversation = Guid.NewGuid();
        var first = await SubscribeAsync(Bus, conversation, new());
        await first.DisposeAsync();
        var seen = new Observed<string>();
        await using var second = await SubscribeAsync(Bus, conversation, seen);

        await first.DisposeAsync();
        await PublishAsync(Peer, conversation, "a");

        Assert.Equal(["a"], await seen.CountAsync(1, "the payload"));
    }

    [Fact]
    public async Task A_handler_is_called_with_one_payload_at_a_time_though_many_publish()
    {
        const int publishers = 8, each = 200;
        var conversation = Guid.NewGuid();
        var seen = new Observed<string>();
        int inside = 0, overlaps = 0;
        await using var subscription = await Bus.SubscribeAsync(
            conversation,
            payload =>
            {
                if (Interlocked.Increment(ref inside) > 1) Interlocked.Increment(ref overlaps);
                Thread.SpinWait(500);
                seen.Add(Encoding.UTF8.GetString(payload.Span));
                Interlocked.Decrement(ref inside);
            },
            TestContext.Current.CancellationToken);

        await Task.WhenAll(Enumerable.Range(0, publishers).Select(p => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++) await PublishAsync(p % 2 == 0 ? Bus : Peer, conversation, $"{p}/{i}");
        })));

        var items = await seen.CountAsync(publishers * each, "all payloads");
        Assert.Equal(0, overlaps);
        for (var p = 0; p < publishers; p++)
            Assert.Equal(
                Enumerable.Range(0, each).Select(i => $"{p}/{i}"),
                items.Where(i => i.StartsWith($"{p}/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_payload_belongs_to_its_handler_whatever_its_publisher_does_next()
    {
        var conversation = Guid.NewGuid();
        var kept = new Observed<ReadOnlyMemory<byte>>();
        await using var subscription = await Bus.SubscribeAsync(conversation, kept.Add, TestContext.Current.CancellationToken);
        var buffer = "first"u8.ToArray();

        await Peer.PublishAsync([new(conversation, buffer)], TestContext.Current.CancellationToken);
        "other"u8.CopyTo(buffer);
        await Peer.PublishAsync([new(conversation, buffer)], TestContext.Current.CancellationToken);

        var items = await kept.CountAsync(2, "both payloads");
        Assert.Equal(["first", "other"], items.Select(i => Encoding.UTF8.GetString(i.Span)));
    }

    [Fact]
    public async Task Many_conversations_are_listened_to_beside_each_other()
    {
        var conversations = Enumerable.Range(0, 300).Select(_ => Guid.NewGuid()).ToArray();
        var seen = new Observed<(Guid, string)>();
        var subscriptions = new List<IAsyncDisposable>();
        foreach (var conversation in conversations)
        {
            subscriptions.Add(await Bus.SubscribeAsync(
                conversation, p => seen.Add((conversation, Encoding.UTF8.GetString(p.Span))), TestContext.Current.CancellationToken));
        }

        await PublishAsync(Peer, [.. conversations.Select(c => (c, $"{c}"))]);

        var items = await seen.CountAsync(conversations.Length, "one payload each");
        Assert.Equal(conversations.Select(c => (c, $"{c}")).Order(), items.Order());
        foreach (var subscription in subscriptions) await subscription.DisposeAsync();
    }

    protected static ValueTask<IAsyncDisposable> SubscribeAsync(IStatusBus bus, Guid conversation, Observed<string> seen) =>
        bus.SubscribeAsync(conversation, p => seen.Add(Encoding.UTF8.GetString(p.Span)), TestContext.Current.CancellationToken);

    protected static ValueTask PublishAsync(IStatusBus bus, Guid conversation, string payload) =>
        PublishAsync(bus, [(conversation, payload)]);

    protected static ValueTask PublishAsync(IStatusBus bus, (Guid Conversation, string Payload)[] messages) => bus.PublishAsync(
        [.. messages.Select(m => new BusMessage(m.Conversation, Encoding.UTF8.GetBytes(m.Payload)))],
        TestContext.Current.CancellationToken);
}
