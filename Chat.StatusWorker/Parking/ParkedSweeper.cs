using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Parking;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Parking;

/// <summary>
/// Gives up statuses whose message never came: into the dead-letter topic, with the reason, and then out of the store. One whose
/// message is there after all goes back into the log: a worker that lost its partition may have parked it again after it came
/// back once, and died before it unparked it. Two workers that do it at the same time write the events twice and lose nothing.
/// </summary>
public sealed partial class ParkedSweeper(
    IParkedStore parkedStatuses,
    MessageLookup lookup,
    ReleasedStatuses released,
    TimeProvider time,
    RetryForever retry,
    ParkingMetrics metrics,
    IOptions<StatusWorkerOptions> options,
    ILogger<ParkedSweeper> logger) : BackgroundService
{
    private const int PageSize = 500;

    private readonly CautiousClock _clock = new(time);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(options.Value.ParkedSweepInterval, time, stoppingToken);
            await retry.RunAsync(
                logger, "sweep", "parked statuses", ct => RefusalIsFailure.GuardAsync(SweepAsync, ct), stoppingToken);
        }
    }

    /// <summary>Goes once through what is parked for longer than <see cref="StatusWorkerOptions.ParkedLifetime"/>.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        var before = _clock.UtcNow - options.Value.ParkedLifetime;
        ParkedPage? page = null;
        do
        {
            // From where the page before ended: what was given up is not read through again.
            page = await parkedStatuses.ListParkedBeforeAsync(before, page?.Through, PageSize, cancellationToken);
            if (page.Statuses.Count > 0) await ReleaseAsync(page.Statuses, cancellationToken);
            await parkedStatuses.TidyParkedAsync(page.Through, cancellationToken);
        }
        while (!page.IsLast);
    }

    private async ValueTask ReleaseAsync(IReadOnlyList<ParkedStatus> expired, CancellationToken cancellationToken)
    {
        var lifetime = options.Value.ParkedLifetime;
        var keys = await FindAsync(expired, cancellationToken);
        var appends = new List<ReleasedStatus>(expired.Count);
        var givenUp = 0;
        foreach (var parked in expired)
        {
            if (keys.TryGetValue(parked, out var key))
            {
                appends.Add(new(parked, ParkedStatuses.Release(parked, key)));
                continue;
            }
            var reason = $"message_id: no message came for {parked.Subject} within {lifetime}";
            appends.Add(new(parked, ParkedStatuses.GiveUp(parked, reason)));
            givenUp++;
        }
        await released.AppendAsync(appends, cancellationToken);
        await parkedStatuses.UnparkAsync(expired, cancellationToken);
        if (givenUp == 0) return;
        metrics.GivenUp(givenUp);
        LogGivenUp(givenUp, lifetime);
    }

    private async ValueTask<Dictionary<ParkedStatus, MessageKey>> FindAsync(
        IReadOnlyList<ParkedStatus> expired, CancellationToken cancellationToken)
    {
        var readable = expired
            .Select(parked => (Parked: parked, Status: StatusEventJson.TryRead(parked.Value.Span, out _)))
            .Where(r => r.Status is not null)
            .ToList();
        // What can't even be asked for is not there.
        var keys = await lookup.FindEachAsync([.. readable.Select(r => r.Status!)], refused: _ => { }, cancellationToken);
        var found = new Dictionary<ParkedStatus, MessageKey>();
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i] is { } key) found[readable[i].Parked] = key;
        }
        return found;
    }

    [LoggerMessage(
        EventId = LogEvents.ParkedStatusesGivenUp,
        Level = LogLevel.Warning,
        Message = "Gave up {Count} parked statuses: their messages did not come within {Lifetime}; they are dead letters now")]
    private partial void LogGivenUp(int count, TimeSpan lifetime);
}
