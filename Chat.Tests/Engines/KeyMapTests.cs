using Chat.Engines.Embedded.Keys;

namespace Chat.Tests.Engines;

public sealed class KeyMapTests
{
    [Theory]
    // Digests that are spread, ones that crowd together, and ones that are all the same.
    [InlineData(1, ~0L)]
    [InlineData(2, 7L << 40)]
    [InlineData(3, 0L)]
    public void Whatever_is_added_is_found_until_it_is_removed(int seed, long digestBits)
    {
        var random = new Random(seed);
        var map = new KeyMap();
        var there = new List<KeyPlace>();
        for (var step = 0; step < 6_000; step++)
        {
            // Grows first, and shrinks then.
            var isAdding = there.Count == 0 || random.Next(100) < (step < 3_000 ? 70 : 30);
            if (isAdding)
            {
                there.Add(new(step + 1, random.NextInt64(long.MinValue, long.MaxValue) & digestBits));
                map.Add(there[^1]);
            }
            else
            {
                var index = random.Next(there.Count);
                map.Remove(there[index]);
                map.Remove(there[index]);
                there.RemoveAt(index);
            }
            if (step % 100 == 0) Assert.All(there, place => Assert.Contains(place.Id, map.Find(place.Digest)));
        }
        var ids = there.GroupBy(place => place.Digest >> 40).ToDictionary(g => g.Key, g => g.Select(place => place.Id).Order());
        foreach (var place in there) Assert.Equal(ids[place.Digest >> 40], map.Find(place.Digest).Order());
    }

    [Fact]
    public void Digest_that_nobody_added_is_not_found()
    {
        var map = new KeyMap();
        for (var i = 1; i <= 1_000; i++) map.Add(new(i, (long)i << 40));

        Assert.Empty(map.Find(2_000L << 40));
        Assert.Equal([(1L << 40) - 1], With((1L << 40) - 1, -1));

        static IEnumerable<long> With(long id, long digest)
        {
            var one = new KeyMap();
            one.Add(new(id, digest));
            return one.Find(digest);
        }
    }
}
