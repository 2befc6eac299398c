using Chat.Engines.Kafka.Clients;
using Chat.Tests.Compliance;

namespace Chat.Tests.Kafka;

public sealed class CallGateTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Closing_waits_for_each_call_and_lets_no_more_in()
    {
        using var deadline = new Deadline();
        var gate = new CallGate();
        Assert.True(gate.TryEnter());
        Assert.True(gate.TryEnter());

        Assert.False(gate.Close(TimeSpan.Zero));
        var closing = Task.WhenAll(Task.Run(Close, Cancellation), Task.Run(Close, Cancellation));
        Assert.False(gate.TryEnter());
        gate.Exit();
        Assert.False(closing.IsCompleted);
        gate.Exit();

        Assert.All(await closing.WaitAsync(deadline.Token), Assert.True);
        Assert.True(Close());
        Assert.False(gate.TryEnter());

        bool Close() => gate.Close(Deadline.Length);
    }
}
