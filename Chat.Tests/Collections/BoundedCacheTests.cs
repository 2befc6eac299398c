using Chat.Core.Collections;

namespace Chat.Tests.Collections;

public sealed class BoundedCacheTests
{
    [Fact]
    public void A_value_when_added_again_stays_the_first()
    {
        var cache = new BoundedCache<int, string>(10);
        Assert.False(cache.TryGet(1, out _));

        Assert.Equal("a", cache.GetOrAdd(1, "a"));
        Assert.Equal("a", cache.GetOrAdd(1, "b"));

        Assert.True(cache.TryGet(1, out var value));
        Assert.Equal("a", value);
    }

    [Fact]
    public void The_recent_half_is_kept_and_never_more_than_the_capacity()
    {
        const int capacity = 10;
        var cache = new BoundedCache<int, int>(capacity);
        for (var added = 0; added < 100; added++)
        {
            cache.GetOrAdd(added, added);
            // The oldest first, since looking one up makes it recent.
            var kept = Enumerable.Range(0, added + 1).Where(i => Knows(cache, i)).Count();
            Assert.InRange(kept, 1, capacity);
            Assert.True(Knows(cache, added));
        }
        for (var i = 0; i < 5; i++) cache.GetOrAdd(1000 + i, i);
        Assert.All(Enumerable.Range(1000, 5), i => Assert.True(Knows(cache, i)));
    }

    [Fact]
    public void What_is_asked_for_again_and_again_outlives_what_is_not()
    {
        var cache = new BoundedCache<int, int>(10);
        cache.GetOrAdd(-1, -1);
        for (var i = 0; i < 100; i++)
        {
            cache.GetOrAdd(i, i);
            Assert.True(Knows(cache, -1));
        }
        Assert.False(Knows(cache, 0));
    }

    private static bool Knows(BoundedCache<int, int> cache, int key) => cache.TryGet(key, out _);
}
