namespace Chat.LoadTest.Deployment;

/// <param name="Expected">Messages with a 202, times the sockets that watch them.</param>
internal sealed record TickCount(string Status, long Expected, long Shown, long Missing);

/// <summary>What one socket did not show of one message.</summary>
/// <param name="Socket">From 0.</param>
internal sealed record MissingTicks(Guid MessageId, Guid ConversationId, int Socket, IReadOnlyList<string> Statuses);

/// <summary>A limit, and whether what was measured keeps within it.</summary>
internal sealed record Limit(string Option, string What, string Most, string Measured, bool IsMet);

/// <param name="Posted">All that were begun, those of the warm-up included.</param>
/// <param name="Measured">Of those with a 202, the ones whose latencies count.</param>
/// <param name="Unanswered">Posts that had no answer yet when the run was over.</param>
/// <param name="NeverAcknowledged">Messages that sockets showed, though their posts had no 202.</param>
internal sealed record PostCounts(
    long Posted, long Accepted, long Measured, long Unanswered, long NeverAcknowledged, IReadOnlyList<RefusedPosts> Refused)
{
    /// <summary>Posts with another answer than 202, or none.</summary>
    public long NotAccepted => Posted - Accepted;
}

/// <param name="Failed">Messages that were shown as FAILED: each of their sockets should show that, in the place of the three.</param>
/// <param name="Missing">The first of them, by message; all are counted.</param>
internal sealed record TickCounts(long Failed, IReadOnlyList<TickCount> ByStatus, IReadOnlyList<MissingTicks> Missing)
{
    public long ExpectedTicks => ByStatus.Sum(s => s.Expected);

    public long MissingTicks => ByStatus.Sum(s => s.Missing);

    public double MissingShare => ExpectedTicks == 0 ? 0 : (double)MissingTicks / ExpectedTicks;
}

/// <summary>A kind of latency: its figures in milliseconds, and how they are spread.</summary>
/// <param name="From">What it is counted from, and to what.</param>
internal sealed record LatencySeries(string Name, string From, Latency Ms, IReadOnlyList<LatencyBucket> Histogram)
{
    public static LatencySeries Of(string name, string from, LatencyHistogram histogram) =>
        new(name, from, Latency.Of(histogram), histogram.Buckets());
}

/// <param name="Reconnects">How often a socket was closed or lost, and came back.</param>
/// <param name="Cut">How often that was by --churn.</param>
/// <param name="SlowReaders">How many read slowly, beside the others.</param>
/// <param name="SlowClosed">How often the server closed one of these as too slow.</param>
/// <param name="SlowLost">How often one of these ended in another way, or was not let in.</param>
internal sealed record SocketCounts(
    int Connections, long Reconnects, string? LastError, long Cut, int SlowReaders, long SlowClosed, long SlowLost);

/// <param name="Late">From the time that a post was due to its beginning, in milliseconds.</param>
/// <param name="CpuCores">How many cores this process used while it measured.</param>
internal sealed record GeneratorFigures(Latency Late, double CpuCores);

/// <summary>All that a run found; what report.json is written from.</summary>
/// <param name="CatchUpSeconds">From the last post until everything was shown, or was given up.</param>
internal sealed record RunResult(
    DateTimeOffset At,
    string Command,
    string Machine,
    PostCounts Posts,
    TickCounts Ticks,
    double CatchUpSeconds,
    IReadOnlyList<LatencySeries> Latencies,
    SocketCounts Sockets,
    Floor? Floor,
    GeneratorFigures Generator,
    ProcessFigures? Process,
    IReadOnlyList<Limit> Limits)
{
    /// <summary>How long it had measured when it was interrupted; null where it was done to its end.</summary>
    public double? InterruptedAfterSeconds { get; init; }

    /// <summary>What was to go on beside the posts and failed, with its option.</summary>
    public IReadOnlyList<string> FailedBeside { get; init; } = [];

    public bool IsGood => FailedBeside.Count == 0 && Limits.All(l => l.IsMet);
}
