using Chat.Core.Audit;
using Chat.Core.Log;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Audit;

/// <summary>
/// Looks back at what was done in the partitions that this worker has, from where it left off; in one that is new to it, two intervals
/// back, since whoever had it before may have lost it just before its own look. So no event is passed over where partitions move, and some
/// are looked at twice. Where a worker was away for longer, the command <c>audit</c> does the rest.
/// </summary>
public sealed partial class StatusAuditor(
    IEventLog log,
    ILogReader reader,
    AuditStores stores,
    OwnedPartitions owned,
    TimeProvider time,
    RetryForever retry,
    IOptions<StatusWorkerOptions> worker,
    IOptions<AuditOptions> options,
    ILogger<StatusAuditor> logger) : BackgroundService
{
    // A store that lost a table would fill the log's disk too.
    private const int NamedPerRun = 50;

    private readonly Dictionary<int, long> _next = [];

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.Interval;
        while (interval > TimeSpan.Zero)
        {
            await Task.Delay(interval, time, stoppingToken);
            await retry.RunAsync(logger, "audit", Topics.Status, AuditAsync, stoppingToken);
        }
    }

    /// <summary>One look.</summary>
    public async ValueTask AuditAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var starts = await FindStartsAsync(now, cancellationToken);
        if (starts.Count == 0) return;
        var window = new AuditWindow(starts.Min(s => s.First.AppendedAt), now, now - options.Value.Grace);
        var run = await AuditRun.StartAsync(log, reader, stores, worker.Value.Group, window, cancellationToken);
        var (events, missing) = (0L, 0L);
        foreach (var (partition, first) in starts)
        {
            var tally = new AuditTally(finding =>
            {
                if (missing++ < NamedPerRun) LogMissing(finding);
            });
            _next[partition] = await run.CheckDoneAsync(partition, first.Offset, tally, cancellationToken);
            AuditMetrics.Audited(tally);
            events += tally.Events;
        }
        if (missing > NamedPerRun) LogMore(missing - NamedPerRun);
        if (events > 0) LogAudited(events, starts.Count, missing);
    }

    /// <summary>The first event to look at in each partition that has one.</summary>
    private async ValueTask<List<(int Partition, LogEvent First)>> FindStartsAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var mine = owned.Now;
        foreach (var partition in _next.Keys.Except(mine).ToList()) _next.Remove(partition);
        var starts = new List<(int, LogEvent)>();
        foreach (var range in await reader.GetRangesAsync(Topics.Status, cancellationToken))
        {
            if (!mine.Contains(range.Partition)) continue;
            // Beyond the end where the topic was made anew.
            if (!_next.TryGetValue(range.Partition, out var from) || from > range.End)
            {
                var back = now - (2 * options.Value.Interval) - options.Value.Grace;
                from = await reader.SeekAsync(Topics.Status, range, back, cancellationToken);
            }
            _next[range.Partition] = from;
            if (await reader.FirstAsync(new(Topics.Status, range.Partition), from, range.End, cancellationToken) is { } first)
                starts.Add((range.Partition, first));
        }
        return starts;
    }

    [LoggerMessage(1, LogLevel.Warning, "Audit: {Finding}")]
    private partial void LogMissing(AuditFinding finding);

    [LoggerMessage(2, LogLevel.Warning, "Audit: {Count} more are missing; the command audit names all")]
    private partial void LogMore(long count);

    [LoggerMessage(3, LogLevel.Information, "Audited {Events} events of {Partitions} partitions: {Missing} missing")]
    private partial void LogAudited(long events, int partitions, long missing);
}
