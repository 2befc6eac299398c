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
}
