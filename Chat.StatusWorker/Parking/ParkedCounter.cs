using Chat.Core.Engines;
using Chat.Core.Parking;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Parking;

/// <summary>
/// Counts what is parked, for the gauge, as often as <see cref="ParkedSweeper"/> looks for what is to be given up; that sees only what has
/// waited for its whole time. Counting reads what it counts, so it ends at <see cref="MostCounted"/>.
/// </summary>
public sealed class ParkedCounter(
    IParkedStore parkedStatuses,
    TimeProvider time,
    RetryForever retry,
    ParkingMetrics metrics,
    IOptions<StatusWorkerOptions> options,
    ILogger<ParkedCounter> logger) : BackgroundService
{
    /// <summary>What the gauge shows where there are as many or more.</summary>
    public const int MostCounted = 10_000;

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

    /// <summary>Counts once.</summary>
    public async ValueTask CountAsync(CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() + Slack;
        var waiting = 0;
        ParkedPage? page = null;
        do
        {
            page = await parkedStatuses.ListParkedBeforeAsync(before, page?.Through, PageSize, cancellationToken);
            waiting += page.Statuses.Count;
        }
        while (!page.IsLast && waiting < MostCounted);
        metrics.Waiting(Math.Min(waiting, MostCounted));
    }
}
