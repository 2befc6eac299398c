using System.Text;
using Chat.Core.Bus;
using Chat.Engines.Embedded;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chat.Tests.Compliance;

public sealed class InProcessStatusBusTests : StatusBusCompliance
{
    protected override ValueTask<IStatusBus> OpenAsync() =>
        ValueTask.FromResult<IStatusBus>(new InProcessStatusBus(NullLogger<InProcessStatusBus>.Instance));

    [Fact]
    public async Task A_handler_that_throws_disturbs_neither_the_publisher_nor_the_others()
    {
        var conversation = Guid.NewGuid();
        await using var bad = await Bus.SubscribeAsync(
            conversation, _ => throw new InvalidOperationException(), TestContext.Current.CancellationToken);
        var seen = new Observed<string>();
        await using var good = await Bus.SubscribeAsync(
            conversation, p => seen.Add(Encoding.UTF8.GetString(p.Span)), TestContext.Current.CancellationToken);

        await PublishAsync(Bus, conversation, "a");

        Assert.Equal(["a"], seen.Items);
    }

    [Fact]
    public async Task What_is_published_together_settles_together()
    {
        Guid first = Guid.NewGuid(), second = Guid.NewGuid();
        var seen = new List<string>();
        await using var one = await SubscribeAsync("1", first);
        await using var other = await SubscribeAsync("2", second);

        await PublishAsync(Bus, [(first, "a"), (second, "b"), (first, "c"), (Guid.NewGuid(), "d")]);

        Assert.Equal(["1a", "2b", "1c", "1 settled", "2 settled"], seen);

        ValueTask<IAsyncDisposable> SubscribeAsync(string name, Guid conversation) => Bus.SubscribeAsync(
            conversation,
            payload => seen.Add(name + Encoding.UTF8.GetString(payload.Span)),
            () => seen.Add(name + " settled"),
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Who_throws_when_told_that_no_more_waits_disturbs_nobody()
    {
        var conversation = Guid.NewGuid();
        var seen = new List<string>();
        await using var bad = await Bus.SubscribeAsync(
            conversation, _ => { }, () => throw new InvalidOperationException(), TestContext.Current.CancellationToken);
        await using var good = await Bus.SubscribeAsync(
            conversation, _ => { }, () => seen.Add("settled"), TestContext.Current.CancellationToken);

        await PublishAsync(Bus, conversation, "a");
        await PublishAsync(Bus, conversation, "b");

        Assert.Equal(["settled", "settled"], seen);
    }
}
