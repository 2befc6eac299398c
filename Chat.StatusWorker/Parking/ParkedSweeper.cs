using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.StatusWorker.Parking;

/// <summary>
/// Gives up statuses whose message never came: into the dead-letter topic, with the reason, and then out of the store. One whose
/// message is there after all goes back into the log: a worker that lost its partition may have parked it again after it came back
/// once, and died over it. Two workers that do it at the same time write the records twice and lose nothing.
/// </summary>
public sealed partial class ParkedSweeper(
    IEventLog log,
    IParkedStore parkedStatuses,
    MessageLookup lookup,
    TimeProvider time,
    RetryForever retry,
    IOptions<StatusWorkerOptions> options,
    ILogger<ParkedSweeper> logger) : BackgroundService
{
    private const int PageSize = 500;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled, on the caller's scheduler; the host starts services on the thread pool.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(options.Value.ParkedSweepInterval, time, stoppingToken);
            await retry.RunAsync(logger, "sweep", "parked statuses", SweepAsync, stoppingToken);
        }
    }

    /// <summary>One look through what is past its time.</summary>
    public async ValueTask SweepAsync(CancellationToken cancellationToken)
    {
        var lifetime = options.Value.ParkedLifetime;
        while (true)
        {
            var expired = await parkedStatuses.ListParkedBeforeAsync(time.GetUtcNow() - lifetime, PageSize, cancellationToken);
            if (expired.Count == 0) return;
            var appends = new List<NewEvent>(expired.Count);
            var givenUp = 0;
            foreach (var parked in expired)
            {
                if (await FindAsync(parked, cancellationToken) is { } key)
                {
                    appends.Add(ParkedStatuses.Release(parked, key));
                    continue;
                }
                appends.Add(AddDeadLetter(parked, lifetime));
                givenUp++;
            }
            await log.AppendAsync(appends, cancellationToken);
            await parkedStatuses.UnparkAsync(expired, cancellationToken);
            if (givenUp == 0) continue;
            ParkingMetrics.GivenUp.Add(givenUp);
            LogGivenUp(givenUp, lifetime);
        }
    }

    private async ValueTask<MessageKey?> FindAsync(ParkedStatus parked, CancellationToken cancellationToken) =>
        StatusEventJson.TryRead(parked.Value.Span, out _) is { } status ? await lookup.FindAsync(status, cancellationToken) : null;

    private static NewEvent AddDeadLetter(ParkedStatus parked, TimeSpan lifetime) =>
        ParkedStatuses.GiveUp(parked, $"message_id: no message came for {parked.Subject} within {lifetime}");

    [LoggerMessage(1, LogLevel.Warning, "Gave up {Count} statuses: no message came for them within {Lifetime}")]
    private partial void LogGivenUp(int count, TimeSpan lifetime);
}
