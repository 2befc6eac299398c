using Chat.Core.Log;
using Chat.Core.Time;
using Chat.Tests.StatusWorker;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Telemetry;

/// <summary>What is counted where no service is: in what every engine and every worker shares.</summary>
public sealed class SharedCountersTests
{
    private readonly string _unique = $"unique-{Guid.NewGuid():N}";
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_try_that_failed_is_counted_by_its_step()
    {
        using var retries = new Counted("chat.retries", _unique);
        var tries = 0;
        var running = new RetryForever(_time).RunAsync(
            NullLogger.Instance, _unique, "it", _ => ++tries < 3 ? throw new IOException("away") : new ValueTask<int>(tries), Cancellation);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _time.Advance(TimeSpan.FromMilliseconds(200));

        Assert.Equal(3, await running);
        Assert.Equal(2, retries.Count);
    }

    [Fact]
    public async Task Two_logs_on_one_store_are_counted_at_each_refused_claim()
    {
        using var claimed = new Counted("chat.epochs.claimed", _unique);
        using var refused = new Counted("chat.epochs.refused", _unique);
        var store = new EpochStore();
        TopicEpochs first = Of("a"), second = Of("b");
        await first.ClaimAsync(Cancellation);
        await second.ClaimAsync(Cancellation);
        await second.ClaimAsync(Cancellation);
        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<EpochConflictException>(async () => await first.ClaimAsync(Cancellation));

        Assert.Equal((2, 3), (claimed.Count, refused.Count));

        TopicEpochs Of(string incarnation) =>
            new(_unique, new TopicLog { Topic = new(_unique, 3, incarnation) }, store, _time, NullLogger.Instance);
    }

    [Fact]
    public void An_append_counts_once_for_each_topic_and_as_failed_unless_it_was_done()
    {
        var other = $"{_unique}-2";
        using var appends = new Counted("messaging.client.operation.duration", _unique);
        using var others = new Counted("messaging.client.operation.duration", other);
        using var failures = new Counted("messaging.client.operation.duration", "_OTHER");
        using (var append = new MeasuredAppend("embedded", [Event(_unique), Event(other), Event(_unique)], _time)) append.Done();
        Assert.Equal((1, 1), (appends.Count, others.Count));

        var before = failures.Count;
        new MeasuredAppend("embedded", [Event(_unique)], _time).Dispose();

        Assert.Equal(2, appends.Count);
        Assert.True(failures.Count > before);

        static NewEvent Event(string topic) => new(topic, "key", default);
    }
}
