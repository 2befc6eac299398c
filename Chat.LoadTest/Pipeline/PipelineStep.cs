namespace Chat.LoadTest.Pipeline;

/// <summary>Milliseconds that half and 99 % of the messages did not exceed.</summary>
internal sealed record Percentiles(double P50, double P99)
{
    public static Percentiles Of(IEnumerable<double> milliseconds)
    {
        var figures = new Figures(milliseconds);
        return new(figures.At(0.5), figures.At(0.99));
    }
}

/// <summary>One rate of one round.</summary>
/// <param name="Rate">Messages that were to be posted per second.</param>
/// <param name="Round">From 1.</param>
/// <param name="Messages">Posted while it was measured, and answered 202.</param>
/// <param name="ReadPerSecond">Messages whose READ reached the client while it was measured.</param>
/// <param name="Post">From the post to its 202.</param>
/// <param name="Sent">From the post to SENT at the client.</param>
/// <param name="Cpu">Milliseconds of CPU for a message, by process; of a server all nodes.</param>
/// <param name="Requests">To Cassandra, for a message; null where it does not tell.</param>
/// <param name="Retries">Posts that were tried again.</param>
/// <param name="Missing">Of all that was posted at this rate: no 202, or not shown as READ in the end.</param>
internal sealed record PipelineStep(
    double Rate,
    int Round,
    long Messages,
    double ReadPerSecond,
    Percentiles Post,
    Percentiles Sent,
    IReadOnlyDictionary<string, double> Cpu,
    double? Requests,
    long Retries,
    long Missing);
