using System.Diagnostics.Metrics;

namespace Chat.Core.Telemetry;

/// <summary>How durations are measured: all in seconds, and in the same buckets, so that one can be laid over another.</summary>
public static class Latency
{
    // From a tick that nobody can see to one that nobody waits for any more. 1 is what the objective counts by.
    private static readonly InstrumentAdvice<double> Buckets = new()
    {
        HistogramBucketBoundaries = [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60],
    };

    /// <summary>A histogram of durations in seconds, in buckets from 1 ms to 60 s.</summary>
    public static Histogram<double> CreateLatency(this Meter meter, string name, string description) =>
        meter.CreateHistogram<double>(name, "s", description, tags: null, Buckets);
}
