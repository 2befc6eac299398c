using System.Diagnostics;
using HdrHistogram;

namespace Chat.LoadTest.Deployment;

/// <summary>Milliseconds; all of them 0 where nothing was measured.</summary>
/// <param name="Count">How many were measured.</param>
internal sealed record Latency(long Count, double P50, double P90, double P99, double P999, double Most)
{
    public static Latency Of(LatencyHistogram histogram) => histogram.Summarize();
}

/// <summary>A part of what was measured: how many lie above <paramref name="FromMs"/> and not above <paramref name="ToMs"/>.</summary>
internal sealed record LatencyBucket(double FromMs, double ToMs, long Count);

/// <summary>Durations, in three digits. Safe for several threads.</summary>
internal sealed class LatencyHistogram
{
    // Microseconds: an hour. What is longer counts as that.
    private const long Longest = 3_600_000_000;
    private const int BucketsPerDecade = 20;

    private readonly LongHistogram _histogram = new(Longest, 3);
    private readonly Lock _gate = new();

    /// <param name="from">A timestamp of <see cref="Stopwatch"/>, as <paramref name="to"/>.</param>
    public void Record(long from, long to) => Record(Stopwatch.GetElapsedTime(from, to));

    public void Record(TimeSpan duration)
    {
        lock (_gate) _histogram.RecordValue(Math.Clamp((long)duration.TotalMicroseconds, 1, Longest));
    }

    public Latency Summarize()
    {
        lock (_gate)
        {
            return _histogram.TotalCount == 0
                ? new(0, 0, 0, 0, 0, 0)
                : new(_histogram.TotalCount, At(50), At(90), At(99), At(99.9), _histogram.GetMaxValue() / 1000.0);
        }

        double At(double percentile) => _histogram.GetValueAtPercentile(percentile) / 1000.0;
    }

    /// <summary>Those that hold anything and what lies between, each 12 % wider than the one before.</summary>
    public IReadOnlyList<LatencyBucket> Buckets()
    {
        var counts = new SortedDictionary<int, long>();
        lock (_gate)
        {
            foreach (var value in _histogram.RecordedValues())
            {
                var bucket = (int)Math.Floor(Math.Log10(value.ValueIteratedTo / 1000.0) * BucketsPerDecade);
                counts[bucket] = counts.GetValueOrDefault(bucket) + value.CountAtValueIteratedTo;
            }
        }
        if (counts.Count == 0) return [];
        var (first, last) = (counts.Keys.First(), counts.Keys.Last());
        return
        [
            .. Enumerable.Range(first, last - first + 1)
                .Select(b => new LatencyBucket(Edge(b), Edge(b + 1), counts.GetValueOrDefault(b))),
        ];

        static double Edge(int bucket) => Math.Pow(10, (double)bucket / BucketsPerDecade);
    }
}
