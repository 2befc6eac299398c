using Chat.Core.Engines;
using Chat.Core.Log;
using Microsoft.Extensions.Logging;

namespace Chat.Core.Parking;

/// <summary>A parked status, and what it becomes in the log: see <see cref="ParkedStatuses"/>.</summary>
public readonly record struct ReleasedStatus(ParkedStatus Parked, NewEvent Event);

/// <summary>
/// Appends what parked statuses become. One that the log refuses becomes a dead letter: it is no event of a batch of its own, and must
/// hold up neither the batch that brings it back nor the others that wait.
/// </summary>
public sealed partial class ReleasedStatuses(IEventLog log, DeadLetterMetrics metrics, ILogger<ReleasedStatuses> logger)
{
    /// <summary>Appends them in order; afterwards all of them may be unparked. Fails as the log does.</summary>
    public Task AppendAsync(IReadOnlyList<ReleasedStatus> released, CancellationToken cancellationToken) => Bisection.RunAsync(
        released,
        async part => await log.AppendAsync([.. part.Select(r => r.Event)], cancellationToken),
        (one, refusal) => GiveUpAsync(one.Parked, refusal, cancellationToken));

    private async Task GiveUpAsync(ParkedStatus parked, Exception refusal, CancellationToken cancellationToken)
    {
        var reason = $"refused: {refusal.Message}";
        try
        {
            await log.AppendAsync(ParkedStatuses.GiveUp(parked, reason), cancellationToken);
        }
        catch (EngineRefusedException)
        {
            var withoutValue = ParkedStatuses.GiveUpWithoutValue(parked, reason);
            await RefusalIsFailure.GuardAsync(ct => log.AppendAsync(withoutValue, ct), cancellationToken);
        }
        metrics.Added(Topics.Status, 1);
        LogGivenUp(parked.Subject, SequenceNumber.Offset(parked.Seq), refusal.Message);
    }

    [LoggerMessage(
        EventId = LogEvents.ReleaseRefused,
        Level = LogLevel.Warning,
        Message = "The status that waited for {Subject}, offset {Offset} of msg.status, was refused, and is a dead letter now: {Reason}")]
    private partial void LogGivenUp(string subject, long offset, string reason);
}
