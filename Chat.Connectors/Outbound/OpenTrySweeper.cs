using Chat.Core.Engines;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Core.Time;

namespace Chat.Connectors.Outbound;

/// <summary>
/// Ends the waiting for answers that were lost: where a status has come, the message went; where none has in time, it is reported as
/// failed, which a proof that comes later outweighs. Two processes that do it at the same time report the same.
/// </summary>
internal sealed partial class OpenTrySweeper(
    IReadOnlyList<string> channels,
    ISendLedger ledger,
    IHeldMessages holds,
    IMessageStore messages,
    SettledTries settled,
    RetryForever retry,
    ConnectorsOptions options,
    ConnectorMetrics metrics,
    TimeProvider time,
    ILogger<OpenTrySweeper> logger)
{
    /// <summary>What a message says that is given up.</summary>
    public const string Reason = "No answer from the provider; it may have arrived";

    private const int PageSize = 500;

    // Of one message; it has one, or two for a moment.
    private const int MostHolds = 10;

    private readonly CautiousClock _clock = new(time);

    /// <summary>Runs until cancelled, on the caller's scheduler. Each channel for itself: one that fails holds up no other.</summary>
    public Task RunAsync(CancellationToken stoppingToken) => Task.WhenAll(channels.Select(channel => RunAsync(channel, stoppingToken)));

    private async Task RunAsync(string channel, CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(options.UnknownInterval, time, stoppingToken);
            await retry.RunAsync(
                logger,
                "sweep",
                $"open tries of {channel}",
                ct => RefusalIsFailure.GuardAsync(inner => SweepAsync(channel, inner), ct),
                stoppingToken);
        }
    }

    /// <summary>Goes once through the tries of a channel that are open for too long.</summary>
    public async ValueTask SweepAsync(string channel, CancellationToken cancellationToken)
    {
        var before = _clock.UtcNow - options.UnknownAfter;
        IReadOnlyList<SendEntry> open;
        do
        {
            open = await ledger.ListOpenTriesAsync(channel, before, PageSize, cancellationToken);
            if (open.Count > 0) await EndAsync(channel, open, cancellationToken);
        }
        while (open.Count == PageSize);
    }

    private async ValueTask EndAsync(string channel, IReadOnlyList<SendEntry> open, CancellationToken cancellationToken)
    {
        var states = await messages.GetStatesAsync(
            [.. open.Select(entry => new MessageKey(entry.Try.ConversationId, entry.Try.MessageId))], cancellationToken);
        var givenUp = 0;
        for (var i = 0; i < open.Count; i++)
        {
            var (made, facts) = (open[i].Try, states[i].Facts);
            var ids = open[i].ProviderMessageIds;
            if (facts.Status is MessageStatus.Sent or MessageStatus.Delivered or MessageStatus.Read
                || facts[StatusKind.Sent] is not null)
            {
                await settled.RecordAsync(made, SendOutcome.Accepted, ids, cancellationToken);
                continue;
            }
            if (facts[StatusKind.Failed] is not null)
            {
                // The provider refused it, and the ledger was not told.
                await settled.RecordAsync(made, SendOutcome.Rejected, ids, cancellationToken);
                continue;
            }
            if (await IsHeldAsync(open[i], cancellationToken))
            {
                await settled.RecordAsync(made, SendOutcome.Later, ids, cancellationToken);
                continue;
            }
            // After the hold, which is forgotten after the answer was noted: one of the two shows it.
            if (!await IsStillOpenAsync(made, cancellationToken)) continue;
            // One that the store does not know (any more) has nobody to be told.
            if (states[i].Message is { } message)
            {
                // Not when it is given up, so that two who do it say the same.
                await settled.FailAsync(message, Reason, made.At + options.UnknownAfter, traceParent: null, cancellationToken);
            }
            await settled.RecordAsync(made, SendOutcome.GivenUp, ids, cancellationToken);
            metrics.Answered(channel, SendOutcome.GivenUp);
            givenUp++;
        }
        if (givenUp > 0) LogGivenUp(givenUp, channel, options.UnknownAfter);
    }

    private async ValueTask<bool> IsStillOpenAsync(SendTry made, CancellationToken cancellationToken)
    {
        var tries = await ledger.FindLatestTriesAsync([made.MessageId], cancellationToken);
        return tries.TryGetValue(made.MessageId, out var last) && last.Try.Number == made.Number && last.IsOpen;
    }

    /// <summary>Whether the message is held since the provider wanted it later, which was not noted.</summary>
    private async ValueTask<bool> IsHeldAsync(SendEntry entry, CancellationToken cancellationToken)
    {
        var after = new HeldPlace(entry.Try.MessageId, Guid.Empty);
        var held = await holds.ListHeldAsync(entry.Try.Account, after, MostHolds, cancellationToken);
        return held.Any(h => h.MessageId == entry.Try.MessageId && HoldIds.TellsAnswerOf(entry, h));
    }

    [LoggerMessage(
        EventId = LogEvents.TriesGivenUp,
        Level = LogLevel.Warning,
        Message = "Nothing told within {Time} what became of {Count} messages of {Channel}: they are reported as failed")]
    private partial void LogGivenUp(int count, string channel, TimeSpan time);
}
