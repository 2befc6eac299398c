using Chat.Core.Engines;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Engines;

public sealed class HealthProbeTests
{
    private readonly FakeTimeProvider _time = new();
    private TaskCompletionSource _write = new();
    private int _writes;

    [Fact]
    public async Task Whoever_asks_at_the_same_time_or_a_moment_later_shares_one_write()
    {
        var probe = Create();

        var asked = Enumerable.Range(0, 20).Select(_ => probe.AskAsync(Cancellation)).ToArray();
        _write.SetResult();

        Assert.All(await Task.WhenAll(asked), Assert.Null);
        _time.Advance(HealthProbe.Interval - TimeSpan.FromTicks(1));
        Assert.Null(await probe.AskAsync(Cancellation));
        Assert.Equal(1, _writes);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await probe.AskAsync(Cancellation));
        Assert.Equal(2, _writes);
    }

    [Fact]
    public async Task A_write_that_fails_is_described_and_tried_again()
    {
        var probe = Create();
        _write.SetException(new IOException("/a/path"));
        Assert.Equal("IOException", await probe.AskAsync(Cancellation));

        _write = new();
        _write.SetResult();
        _time.Advance(HealthProbe.Interval);

        Assert.Null(await probe.AskAsync(Cancellation));
    }

    [Fact]
    public async Task A_write_that_hangs_is_waited_for_in_bounded_time_and_has_no_second_beside_it()
    {
        var probe = Create();
        for (var round = 0; round < 3; round++)
        {
            var asked = probe.AskAsync(Cancellation);
            Assert.False(asked.IsCompleted);
            _time.Advance(HealthProbe.Patience);
            Assert.Equal("no answer within 3 s", await asked);
        }
        Assert.Equal(1, _writes);

        _write.SetResult();
        _time.Advance(HealthProbe.Interval);
        Assert.Null(await probe.AskAsync(Cancellation));
    }

    [Fact]
    public async Task Who_stops_waiting_takes_nothing_from_the_others()
    {
        var probe = Create();
        using var gone = new CancellationTokenSource();
        var first = probe.AskAsync(gone.Token);
        var second = probe.AskAsync(Cancellation);

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _write.SetResult();

        Assert.Null(await second);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private HealthProbe Create() => new(
        _ =>
        {
            _writes++;
            return _write.Task;
        },
        exception => exception.GetType().Name,
        _time);
}
