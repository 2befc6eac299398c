using Chat.Core.Limits;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Limits;

public sealed class TokenBucketTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Tokens_when_at_once_are_let_through_up_to_the_burst()
    {
        var limit = new TokenBucket(burst: 3, perSecond: 10, _time);

        Assert.Equal(3, Taken(limit, 20));
    }

    [Fact]
    public void Tokens_when_the_burst_is_used_up_come_at_the_rate()
    {
        var limit = new TokenBucket(burst: 3, perSecond: 10, _time);
        Taken(limit, 3);

        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(0, Taken(limit, 20));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, Taken(limit, 20));
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal(2, Taken(limit, 20));
    }

    [Fact]
    public void A_pause_when_long_brings_back_no_more_than_the_burst()
    {
        var limit = new TokenBucket(burst: 3, perSecond: 10, _time);
        Taken(limit, 3);

        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(3, Taken(limit, 20));
    }

    [Fact]
    public void Tokens_when_watched_for_long_keep_to_the_rate()
    {
        var limit = new TokenBucket(burst: 10, perSecond: 100, _time);
        var taken = 0;

        for (var step = 0; step < 1000; step++)
        {
            taken += Taken(limit, 3);
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(taken, 1000, 1010);
    }

    private static int Taken(TokenBucket limit, int tries) => Enumerable.Range(0, tries).Count(i => limit.TryTake(1, out _));

    [Fact]
    public void What_costs_more_than_is_left_takes_nothing_and_says_how_long_to_wait()
    {
        var bucket = new TokenBucket(burst: 10, perSecond: 2, _time);
        Assert.True(bucket.TryTake(7, out _));

        Assert.False(bucket.TryTake(9, out var wait));

        Assert.Equal(TimeSpan.FromSeconds(3), wait);
        Assert.True(bucket.TryTake(3, out _));
    }

    [Fact]
    public void What_costs_more_than_the_burst_is_let_through_by_a_full_bucket()
    {
        var bucket = new TokenBucket(burst: 3, perSecond: 1, _time);

        Assert.True(bucket.TryTake(100, out _));
        Assert.False(bucket.TryTake(1, out _));
    }

    [Fact]
    public void Each_key_has_a_bucket_of_its_own()
    {
        var buckets = new TokenBuckets<string>(burst: 1, perSecond: 1, _time);

        Assert.True(buckets.TryTake("a", 1, out _));
        Assert.False(buckets.TryTake("a", 1, out _));
        Assert.True(buckets.TryTake("b", 1, out _));
    }

    [Fact]
    public void Buckets_that_are_full_again_are_not_kept()
    {
        var buckets = new TokenBuckets<int>(burst: 1, perSecond: 1, _time);

        for (var key = 0; key < 100_000; key++)
        {
            Assert.True(buckets.TryTake(key, 1, out _));
            _time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.InRange(buckets.Count, 100, 2_000);
    }

    [Fact]
    public async Task Who_waits_for_tokens_gets_them_in_the_order_of_asking()
    {
        var buckets = new TokenBuckets<string>(burst: 1, perSecond: 1, _time);
        var order = new List<int>();
        var turns = Enumerable.Range(0, 5).Select(async i =>
        {
            await buckets.TakeAsync("a", 1, TestContext.Current.CancellationToken);
            lock (order) order.Add(i);
        }).ToList();

        for (var second = 0; second < 4; second++)
        {
            Assert.Equal(second + 1, turns.Count(t => t.IsCompleted));
            _time.Advance(TimeSpan.FromSeconds(1));
            await turns[second + 1];
        }

        Assert.Equal([0, 1, 2, 3, 4], order);
    }
}
