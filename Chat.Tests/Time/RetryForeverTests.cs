using Chat.Core.Engines;
using Chat.Core.Time;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Time;

public sealed class RetryForeverTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger _lines = new();
    private readonly RetryForever _retry;

    public RetryForeverTests() =>
        _retry = new(_time) { FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public async Task Action_when_it_works_answers_at_once_and_logs_nothing()
    {
        Assert.Equal(3, await RunAsync(_ => new(3)));
        Assert.Empty(_lines.Collector.GetSnapshot());
    }

    [Fact]
    public async Task Action_when_it_fails_is_tried_again_after_pauses_that_double_up_to_the_longest()
    {
        var tries = 0;
        var running = RunAsync(_ => ++tries < 5 ? throw new IOException("down") : new(tries));
        foreach (var (pause, tried) in new[] { (100, 2), (200, 3), (300, 4) })
        {
            _time.Advance(TimeSpan.FromMilliseconds(pause - 1));
            Assert.Equal(tried - 1, tries);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.Equal(tried, tries);
        }
        _time.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(5, await running);
        Assert.Equal(
            ["Could not record partition 7; next try in 100 ms", "Could not record partition 7; next try in 200 ms",
             "Could not record partition 7; next try in 300 ms", "Could not record partition 7; next try in 300 ms"],
            _lines.Collector.GetSnapshot().Select(l => l.Message));
    }

    [Fact]
    public async Task Retry_when_it_is_cancelled_during_a_pause_ends_as_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var running = _retry.RunAsync<int>(_lines, "record", "partition 7", _ => throw new IOException("down"), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Retry_when_it_is_cancelled_before_does_not_call_the_action()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _retry.RunAsync<int>(_lines, "record", "partition 7", _ => throw new InvalidOperationException(), stop.Token));
        Assert.Empty(_lines.Collector.GetSnapshot());
    }

    [Fact]
    public async Task Action_when_it_is_cancelled_by_itself_is_tried_again()
    {
        var tries = 0;
        var running = RunAsync(_ => ++tries == 1 ? throw new OperationCanceledException() : new(tries));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(2, await running);
    }

    [Fact]
    public async Task Action_when_the_engine_refuses_is_not_tried_again()
    {
        var refused = new EngineRefusedException("too large");
        Assert.Same(refused, await Assert.ThrowsAsync<EngineRefusedException>(() => RunAsync(_ => throw refused)));
        Assert.Empty(_lines.Collector.GetSnapshot());
    }

    private Task<int> RunAsync(Func<CancellationToken, ValueTask<int>> action) =>
        _retry.RunAsync(_lines, "record", "partition 7", action, TestContext.Current.CancellationToken);
}
