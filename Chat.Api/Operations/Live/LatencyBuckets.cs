namespace Chat.Api.Operations.Live;

/// <summary>
/// Counts durations by size: each bucket's bound is a fifth above the one before, from half a millisecond to 48 s, so that a percentile is
/// at most a fifth off.
/// </summary>
internal sealed class LatencyBuckets
{
    private const double First = 0.0005;
    private const double Growth = 1.2;
    private const int Bounded = 64;

    private static readonly double PerLog = 1 / Math.Log(Growth);

    // The last one has no bound.
    private readonly long[] _counts = new long[Bounded + 1];

    /// <param name="seconds">Zero or more.</param>
    public void Add(double seconds)
    {
        var bucket = seconds <= First ? 0 : (int)Math.Min(Bounded, Math.Ceiling(Math.Log(seconds / First) * PerLog));
        Interlocked.Increment(ref _counts[bucket]);
    }

    /// <summary>The counts as of now.</summary>
    public long[] Read()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++) counts[i] = Interlocked.Read(ref _counts[i]);
        return counts;
    }

    /// <summary>The percentiles of what came between two readings.</summary>
    public static LatencyView View(long[] before, long[] after)
    {
        var counts = new long[after.Length];
        for (var i = 0; i < counts.Length; i++) counts[i] = after[i] - before[i];
        var total = counts.Sum();
        return new(total, Percentile(counts, total, 0.5), Percentile(counts, total, 0.9), Percentile(counts, total, 0.99));
    }

    // In milliseconds, within the bucket by its share; null where there is nothing.
    private static double? Percentile(long[] counts, long total, double share)
    {
        if (total == 0) return null;
        var rank = share * total;
        double below = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0 || below + counts[i] < rank)
            {
                below += counts[i];
                continue;
            }
            var (low, high) = (i == 0 ? 0 : Bound(i - 1), Bound(Math.Min(i, Bounded - 1)));
            return Math.Round((low + ((high - low) * (rank - below) / counts[i])) * 1000, 2);
        }
        return Math.Round(Bound(Bounded - 1) * 1000, 2);
    }

    private static double Bound(int bucket) => First * Math.Pow(Growth, bucket);
}
