using Chat.Api.Hub.Feeds;
using Chat.Tests.Graph;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Hub;

/// <summary>The slow look at all heads, and the quick one after the bus came back.</summary>
public sealed class HeadCheckTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(40);

    private readonly FeedFixture _rig = new(o => o.HeadCheckInterval = Interval);
    private readonly Clock _clock = new();

    private HeadCheck Check(double chance = 0.5) => new(
        _rig.Feeds, _rig.Store, _rig.Bus, _clock, new Fixed(chance), _rig.Options, NullLogger<HeadCheck>.Instance);

    /// <summary>Watches a conversation whose last change the bus has lost.</summary>
    private async Task<SentFrames> MissOneAsync()
    {
        _rig.Store.Changes.Add(5);
        var ours = await FeedFixture.WatchAsync(_rig.Feeds.Take(FeedFixture.Conversation));
        _rig.Store.Changes.Add(6);
        _rig.Store.HeadReads.Clear();
        return ours;
    }

    [Theory]
    [InlineData(0, 30)]
    [InlineData(0.5, 40)]
    [InlineData(1, 50)]
    public async Task It_looks_after_three_to_five_quarters_of_the_interval_as_chance_has_it(double chance, int seconds)
    {
        using var stop = new CancellationTokenSource();
        var running = Check(chance).RunAsync(stop.Token);
        await Until.TrueAsync(() => _clock.Pauses.Count == 1, "it waits");
        Assert.Equal([TimeSpan.FromSeconds(seconds)], _clock.Pauses);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_last_change_that_the_bus_lost_is_found_by_the_next_look_and_the_one_after_it_finds_nothing()
    {
        var ours = await MissOneAsync();
        using var stop = new CancellationTokenSource();
        var running = Check().RunAsync(stop.Token);
        for (var look = 1; look <= 3; look++)
        {
            await Until.TrueAsync(() => _clock.Pauses.Count == look, $"it waits for look {look}");
            Assert.Equal(look - 1, _rig.Store.HeadReads.Count);
            _clock.Advance(Interval);
        }
        await Until.TrueAsync(() => _clock.Pauses.Count == 4, "it has looked");
        Assert.Equal("6", ours.Text);
        Assert.Equal([5], _rig.Store.Reads);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(3, _rig.Store.HeadReads.Count);
    }

    [Fact]
    public async Task Each_time_the_bus_came_back_it_looks_at_once_and_once()
    {
        var ours = await MissOneAsync();
        using var stop = new CancellationTokenSource();
        var running = Check().RunAsync(stop.Token);
        for (var time = 1; time <= 3; time++)
        {
            await Until.TrueAsync(() => _clock.Pauses.Count == time, $"it waits for time {time}");
            Assert.Equal(time - 1, _rig.Store.HeadReads.Count);
            _rig.Bus.Restore();
        }
        await Until.TrueAsync(() => _clock.Pauses.Count == 4, "it has looked");
        Assert.Equal("6", ours.Text);
        // What it no longer waits for is given back, or each time would leave a timer behind.
        Assert.Equal(1, _clock.Waiting);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(3, _rig.Store.HeadReads.Count);
        Assert.False(_rig.Bus.HasListeners);
    }

    [Fact]
    public async Task Heads_are_read_a_batch_at_a_time()
    {
        for (var i = 0; i < 5; i++) _rig.Feeds.Take(new Guid(i, 0, 0, new byte[8]));
        _rig.Store.HeadReads.Clear();
        await Check().CheckAsync("head_check", TestContext.Current.CancellationToken);
        Assert.Equal([2, 2, 1], _rig.Store.HeadReads);
    }

    [Fact]
    public async Task A_conversation_that_never_changed_is_let_be()
    {
        _rig.Feeds.Take(FeedFixture.Conversation);
        await Check().CheckAsync("head_check", TestContext.Current.CancellationToken);
        Assert.Empty(_rig.Store.Reads);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, false)]
    public async Task Conversations_that_can_not_be_read_hold_up_no_other(int unreadable, bool refused)
    {
        var rig = new FeedFixture(o => o.HeadCheckBatch = 500);
        rig.Store.Changes.Add(5);
        var sinks = new List<SentFrames>();
        for (var i = 0; i < 1500; i++)
            sinks.Add(await FeedFixture.WatchAsync(rig.Feeds.Take(new Guid(i, 0, 0, new byte[8]))));
        for (var i = 0; i < unreadable; i++) rig.Store.Unreadable.Add(new Guid(i * 200, 0, 0, new byte[8]));
        rig.Store.Refuses = refused;
        rig.Store.Changes.Add(6);
        rig.Store.HeadReads.Clear();
        var check = new HeadCheck(
            rig.Feeds, rig.Store, rig.Bus, _clock, new Fixed(0.5), rig.Options, NullLogger<HeadCheck>.Instance);

        var left = await check.CheckAsync("head_check", TestContext.Current.CancellationToken);

        Assert.Equal(unreadable, left.Count);
        Assert.Equal(1500 - unreadable, sinks.Count(s => s.Text == "6"));
        Assert.InRange(rig.Store.HeadReads.Count, 4, 70);

        // What is known to fail is read by itself the next time.
        rig.Store.HeadReads.Clear();
        await check.CheckAsync("bus_restored", TestContext.Current.CancellationToken);
        Assert.Equal(3 + unreadable, rig.Store.HeadReads.Count);

        rig.Store.Unreadable.Clear();
        Assert.Empty(await check.CheckAsync("head_check", TestContext.Current.CancellationToken));
        Assert.Equal(1500, sinks.Count(s => s.Text == "6"));
    }

    [Fact]
    public async Task A_store_that_is_away_costs_a_bounded_number_of_reads_a_round()
    {
        var rig = new FeedFixture(o => o.HeadCheckBatch = 500);
        for (var i = 0; i < 1500; i++) rig.Store.Unreadable.Add(rig.Feeds.Take(new Guid(i, 0, 0, new byte[8])).ConversationId);
        rig.Store.HeadReads.Clear();
        var check = new HeadCheck(
            rig.Feeds, rig.Store, rig.Bus, _clock, new Fixed(0.5), rig.Options, NullLogger<HeadCheck>.Instance);

        Assert.Equal(1500, (await check.CheckAsync("head_check", TestContext.Current.CancellationToken)).Count);
        Assert.Equal(64, rig.Store.HeadReads.Count);
    }

    [Fact]
    public async Task What_could_not_be_read_after_the_bus_came_back_is_looked_at_again_a_second_later()
    {
        var ours = await MissOneAsync();
        _rig.Store.Unreadable.Add(FeedFixture.Conversation);
        using var stop = new CancellationTokenSource();
        var running = Check().RunAsync(stop.Token);
        await Until.TrueAsync(() => _clock.Pauses.Count == 1, "it waits");
        _rig.Bus.Restore();
        await Until.TrueAsync(() => _clock.Pauses.Count == 2, "it waits for what it could not read");
        Assert.Equal(TimeSpan.FromSeconds(1), _clock.Pauses[1]);
        _rig.Store.Unreadable.Clear();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Until.TrueAsync(() => ours.Text == "6", "it has looked");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private sealed class Fixed(double value) : Random
    {
        public override double NextDouble() => value;
    }

    /// <summary>Notes what it is asked to wait for.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly FakeTimeProvider _time = new();
        private int _disposed;

        public List<TimeSpan> Pauses { get; } = [];

        public int Waiting => Pauses.Count - _disposed;

        public override long TimestampFrequency => _time.TimestampFrequency;

        public void Advance(TimeSpan span) => _time.Advance(span);

        public override long GetTimestamp() => _time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Noted(_time.CreateTimer(callback, state, dueTime, period), this);
            Pauses.Add(dueTime);
            return timer;
        }

        private sealed class Noted(ITimer timer, Clock clock) : ITimer
        {
            private bool _gone;

            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

            public void Dispose()
            {
                if (!_gone) Interlocked.Increment(ref clock._disposed);
                _gone = true;
                timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
