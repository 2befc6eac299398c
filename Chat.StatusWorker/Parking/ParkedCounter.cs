using Chat.Core.Engines;
using Chat.Core.Parking;
using Chat.Core.Time;
using Chat.StatusWorker.Recording;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Parking;

/// <summary>
/// Counts what is parked, for the gauge, as often as <see cref="ParkedSweeper"/> looks for what is to be given up; that sees only what has
/// waited for its whole time. All workers would count the same, so it is done by the one that has <see cref="CountingPartition"/>.
/// Counting reads what it counts, and on Cassandra also what has come back since the last sweep that went over it: it reads
/// <see cref="MostCounted"/> of both together at most, and the rest is not in the figure.
/// </summary>
public sealed class ParkedCounter(
    IParkedStore parkedStatuses,
    OwnedPartitions owned,
    TimeProvider time,
    RetryForever retry,
    ParkingMetrics metrics,
    IOptions<StatusWorkerOptions> options,
    ILogger<ParkedCounter> logger) : BackgroundService
{
    /// <summary>What the gauge shows at most: there are as many or more.</summary>
    public const int MostCounted = 10_000;

    /// <summary>Of <c>msg.status</c>: whose worker counts.</summary>
    public const int CountingPartition = 0;

    private const int PageSize = 500;

    /// <summary>The log's clock, which dated them, may be ahead of this machine's.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(options.Value.ParkedSweepInterval, time, stoppingToken);
            await retry.RunAsync(
                logger, "count", "parked statuses", ct => RefusalIsFailure.GuardAsync(CountAsync, ct), stoppingToken);
        }
    }

    /// <summary>Counts once, where this worker is the one that counts; else it tells no figure, nor one that it had before.</summary>
    public async ValueTask CountAsync(CancellationToken cancellationToken)
    {
        if (!owned.Now.Contains(CountingPartition))
        {
            metrics.Waiting(null);
            return;
        }
        var before = time.GetUtcNow() + Slack;
        var waiting = 0;
        ParkedPage? page = null;
        // A page may have been listed in full and hold nothing that still waits, so the pages are bounded and not what they hold.
        for (var pages = 0; pages < MostCounted / PageSize && page is not { IsLast: true }; pages++)
        {
            page = await parkedStatuses.ListParkedBeforeAsync(before, page?.Through, PageSize, cancellationToken);
            waiting += page.Statuses.Count;
        }
        metrics.Waiting(waiting);
    }
}
