using Chat.Core.Engines;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Parking;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Parking;

/// <summary>
/// Gives up statuses whose message never came: into the dead-letter topic, with the reason, and then out of the store; those of messages
/// that another system sends from the same account are counted, and no dead letters. One whose
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
        var (keys, others) = await FindAsync(expired, cancellationToken);
        var appends = new List<ReleasedStatus>(expired.Count);
        var givenUp = 0;
        foreach (var parked in expired)
        {
            if (keys.TryGetValue(parked, out var key))
            {
                appends.Add(new(parked, ParkedStatuses.Release(parked, key)));
                continue;
            }
            // Dead letters are for somebody to look at, and of these there is one for each tick of what another system sends.
            if (others.Contains(parked)) continue;
            var reason = $"message_id: no message came for {parked.Subject} within {lifetime}";
            appends.Add(new(parked, ParkedStatuses.GiveUp(parked, reason)));
            givenUp++;
        }
        await released.AppendAsync(appends, cancellationToken);
        await parkedStatuses.UnparkAsync(expired, cancellationToken);
        if (others.Count > 0)
        {
            metrics.NotOurs(others.Count);
            LogNotOurs(others.Count, lifetime);
        }
        if (givenUp == 0) return;
        metrics.GivenUp(givenUp);
        LogGivenUp(givenUp, lifetime);
    }

    /// <summary>The messages that are there after all, and which statuses are of another system's.</summary>
    private async ValueTask<(Dictionary<ParkedStatus, MessageKey> Keys, HashSet<ParkedStatus> Others)> FindAsync(
        IReadOnlyList<ParkedStatus> expired, CancellationToken cancellationToken)
    {
        var readable = expired
            .Select(parked => (Parked: parked, Status: StatusEventJson.TryRead(parked.Value.Span, out _)))
            .Where(r => r.Status is not null)
            .ToList();
        // What can't even be asked for is not there.
        var refused = new HashSet<int>();
        var keys = await lookup.FindEachAsync([.. readable.Select(r => r.Status!)], place => refused.Add(place), cancellationToken);
        var (found, others) = (new Dictionary<ParkedStatus, MessageKey>(), new HashSet<ParkedStatus>());
        for (var i = 0; i < keys.Count; i++)
        {
            var (parked, status) = readable[i];
            if (keys[i] is { } key) found[parked] = key;
            else if (!refused.Contains(i) && ParkedStatuses.IsOfAnotherSystem(status!)) others.Add(parked);
        }
        return (found, others);
    }

    [LoggerMessage(
        EventId = LogEvents.ParkedStatusesNotOurs,
        Level = LogLevel.Information,
        Message = "Left {Count} parked statuses: within {Lifetime} nobody here had sent a message of their providers' ids")]
    private partial void LogNotOurs(int count, TimeSpan lifetime);

    [LoggerMessage(
        EventId = LogEvents.ParkedStatusesGivenUp,
        Level = LogLevel.Warning,
        Message = "Gave up {Count} parked statuses: their messages did not come within {Lifetime}; they are dead letters now")]
    private partial void LogGivenUp(int count, TimeSpan lifetime);
}
