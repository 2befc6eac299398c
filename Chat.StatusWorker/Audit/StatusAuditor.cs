using Chat.Core.Audit;
using Chat.Core.Engines;
using Chat.Core.Log;
using Chat.Core.Time;
using Chat.StatusWorker.Recording;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Audit;

/// <summary>
/// Audits what was committed in the partitions that this worker has, from where its last audit ended; in a partition that is new
/// to it, two intervals back, since the worker that had it before may have lost it just before its own audit. So no event is
/// passed over where partitions move, and some are audited twice. Where no worker ran for longer than that, the command
/// <c>audit</c> does the rest.
/// </summary>
public sealed partial class StatusAuditor(
    IEventLog log,
    ILogReader reader,
    AuditStores stores,
    OwnedPartitions owned,
    TimeProvider time,
    RetryForever retry,
    AuditMetrics metrics,
    IOptions<StatusWorkerOptions> worker,
    IOptions<AuditOptions> options,
    ILogger<StatusAuditor> logger) : BackgroundService
{
    // A store that lost a table must not fill the disk with log lines too.
    private const int NamedPerRun = 50;

    private readonly Dictionary<int, long> _next = [];
    private readonly CautiousClock _clock = new(time);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.Interval;
        while (interval > TimeSpan.Zero)
        {
            await Task.Delay(interval, time, stoppingToken);
            try
            {
                await retry.RunAsync(logger, "audit", Topics.Status, AuditAsync, stoppingToken);
            }
            catch (EngineRefusedException exception)
            {
                // Not for one event, which is checked by itself then: the next audit starts from the same offsets.
                LogRefused(exception);
            }
        }
    }

    /// <summary>One audit of each partition that this worker has.</summary>
    public async ValueTask AuditAsync(CancellationToken cancellationToken)
    {
        var now = _clock.UtcNow;
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
            _next[partition] = await run.CheckCommittedAsync(partition, first.Offset, tally, cancellationToken);
            metrics.Audited(tally);
            events += tally.Events;
        }
        if (missing > NamedPerRun) LogMoreMissing(missing - NamedPerRun);
        if (events > 0) LogAudited(events, starts.Count, missing);
    }

    /// <summary>The first event to audit in each partition that has one.</summary>
    private async ValueTask<List<(int Partition, LogEvent First)>> FindStartsAsync(
        DateTimeOffset now, CancellationToken cancellationToken)
    {
        var mine = owned.Now;
        foreach (var partition in _next.Keys.Except(mine).ToList()) _next.Remove(partition);
        var starts = new List<(int, LogEvent)>();
        foreach (var range in await reader.GetRangesAsync(Topics.Status, cancellationToken))
        {
            if (!mine.Contains(range.Partition)) continue;
            // It is beyond the end where the topic was deleted and created again.
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

    [LoggerMessage(EventId = LogEvents.AuditFoundMissing, Level = LogLevel.Warning, Message = "Audit: {Finding}")]
    private partial void LogMissing(AuditFinding finding);

    [LoggerMessage(
        EventId = LogEvents.AuditFoundMoreMissing,
        Level = LogLevel.Warning,
        Message = "Audit: {Count} more events are incomplete; the command 'audit' of Chat.Tools lists all of them")]
    private partial void LogMoreMissing(long count);

    [LoggerMessage(EventId = LogEvents.AuditRefused, Level = LogLevel.Error, Message = "The audit was refused; the next one tries again")]
    private partial void LogRefused(Exception exception);

    [LoggerMessage(
        EventId = LogEvents.Audited,
        Level = LogLevel.Information,
        Message = "Audited {Events} events of {Partitions} partitions: {Missing} are incomplete")]
    private partial void LogAudited(long events, int partitions, long missing);
}
