using Chat.LoadTest.Distributed;

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

/// <summary>Posts that were answered no 202 while it was measured, and not tried again.</summary>
/// <param name="Told">Answered 429 or 503 with <c>Retry-After</c>.</param>
/// <param name="Other">Answered otherwise or not at all, of all that was posted at this rate: they are missing.</param>
/// <param name="Time">How long such an answer took.</param>
internal sealed record Refusals(long Told, long Other, Percentiles Time);

/// <summary>What another organization had that posted meanwhile.</summary>
/// <inheritdoc cref="PipelineStep"/>
internal sealed record BesideStep(long Messages, Percentiles Post, Percentiles Sent, Refusals Refusals, long Missing);

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
/// <param name="Missing">
/// Of all that was posted at this rate: no 202 and not told when to come back, or not shown as READ in the end.
/// </param>
/// <param name="Refusals">Where what is refused is not tried again.</param>
/// <param name="Beside">The other organization's; null where there is none.</param>
/// <param name="IsFloor">Whether it is the floor's, and not the services'.</param>
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
    long Missing,
    Refusals Refusals,
    BesideStep? Beside,
    bool IsFloor = false)
{
    private static readonly IReadOnlyList<string> Servers = ["kafka", "cassandra", "redis"];

    /// <summary>Messages that were stored before; null where nothing was.</summary>
    public long? Stored { get; init; }

    /// <summary>When it was measured, by process; null where it was not looked at.</summary>
    public IReadOnlyDictionary<string, ProcessMemory>? Memory { get; init; }

    /// <summary>The rate, as the first column of a table says it.</summary>
    public string Label => Stored is { } stored ? $"{Rate} ({stored:N0} stored)" : $"{Rate}";

    /// <summary>Of our own processes.</summary>
    public double CpuOfServices => CpuOfAll - Servers.Sum(CpuOf);

    /// <summary>Of all that worked for it: neither what posts and watches nor what was at rest.</summary>
    public double CpuOfAll => Cpu.Where(p => p.Key is not (Usage.Generator or Usage.AtRest)).Sum(p => p.Value);

    /// <summary>Of one process; 0 where there is none of this name.</summary>
    public double CpuOf(string name) => Cpu.GetValueOrDefault(name);
}
