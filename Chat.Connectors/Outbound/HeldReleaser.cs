using Chat.Core.Accounts;
using Chat.Core.Engines;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Providers;
using Chat.Core.Time;

namespace Chat.Connectors.Outbound;

/// <summary>
/// Puts held messages back into <c>msg.out.{channel}</c> once their time has come, each conversation's in order. Two processes that do it
/// at the same time append some twice, of which one is dropped.
/// </summary>
internal sealed partial class HeldReleaser(
    IReadOnlyList<string> channels,
    IAccounts accounts,
    IHeldMessages holds,
    ISendLedger ledger,
    IEventLog log,
    RetryForever retry,
    ConnectorsOptions options,
    ConnectorMetrics metrics,
    TimeProvider time,
    ILogger<HeldReleaser> logger)
{
    private const int PageSize = 500;

    // Of one account in one go: what comes back faster than it can be sent would be held again.
    private const int MostAtOnce = 1000;

    // An account that holds nothing is looked at less and less often, down to once in so many intervals: there may be thousands.
    private const int LongestRest = 16;

    private readonly Dictionary<AccountKey, (TimeSpan Until, TimeSpan Pause)> _resting = [];
    private readonly Dictionary<string, TimeSpan> _removedNext = [];

    /// <summary>Runs until cancelled, on the caller's scheduler.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(options.HeldInterval, time, stoppingToken);
            await retry.RunAsync(
                logger, "put back", "held messages", ct => RefusalIsFailure.GuardAsync(ReleaseAsync, ct), stoppingToken);
        }
    }

    /// <summary>Goes once through what is held.</summary>
    public async ValueTask ReleaseAsync(CancellationToken cancellationToken)
    {
        foreach (var channel in channels)
        {
            foreach (var account in await accounts.OfChannelAsync(channel, cancellationToken))
            {
                // One that a person must see to keeps what it has.
                if (account.Account.State != AccountState.Active) continue;
                var now = time.GetElapsedTime(0);
                if (_resting.TryGetValue(account.Key, out var resting) && now < resting.Until) continue;
                var holdsAny = await ReleaseAsync(account.Key, cancellationToken);
                Rest(account.Key, holdsAny, now, resting.Pause);
            }
        }
        // After all others, who must not wait for it: it reads what every account has noted, and may fail where they don't.
        foreach (var channel in channels)
        {
            try
            {
                await ReleaseRemovedAsync(channel, cancellationToken);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
            {
                // Many requests: not again with each round.
                _removedNext[channel] = time.GetElapsedTime(0) + (options.HeldInterval * LongestRest);
                LogRemovedWait(exception, channel);
            }
        }
    }

    /// <summary>
    /// Puts back what removed accounts still hold, whenever it was to be sent: the sender finds no account for it, and reports it as
    /// failed. What a crash leaves is found here again.
    /// </summary>
    private async ValueTask ReleaseRemovedAsync(string channel, CancellationToken cancellationToken)
    {
        var now = time.GetElapsedTime(0);
        if (_removedNext.TryGetValue(channel, out var next) && now < next) return;
        var holding = await holds.ListHeldAccountsAsync(channel, cancellationToken);
        var connected = await accounts.OfChannelAsync(channel, cancellationToken);
        var removed = holding.Except(connected.Select(a => a.Key)).ToList();
        var heldAny = false;
        foreach (var account in removed) heldAny |= await ReleaseAsync(account, cancellationToken, isRemoved: true);
        _removedNext[channel] = heldAny ? now : now + (options.HeldInterval * LongestRest);
    }

    private void Rest(AccountKey account, bool holdsAny, TimeSpan now, TimeSpan before)
    {
        if (holdsAny)
        {
            _resting.Remove(account);
            return;
        }
        var longest = options.HeldInterval * LongestRest;
        var rest = before == TimeSpan.Zero ? options.HeldInterval : before * 2 < longest ? before * 2 : longest;
        _resting[account] = (now + rest, rest);
    }

    /// <summary>Puts back what is due of an account; whether it held anything.</summary>
    private async ValueTask<bool> ReleaseAsync(AccountKey account, CancellationToken cancellationToken, bool isRemoved = false)
    {
        var holdsAny = false;
        var now = time.GetUtcNow();
        var waiting = new HashSet<Guid>();
        var count = 0;
        HeldPlace? after = null;
        while (count < MostAtOnce)
        {
            var page = await holds.ListHeldAsync(account, after, PageSize, cancellationToken);
            holdsAny |= page.Count > 0;
            // What waits holds back what was written after it.
            var due = page.Where(h => isRemoved || (!waiting.Contains(h.ConversationId) && IsDue(h, now, waiting))).ToList();
            if (due.Count > 0)
            {
                await NoteAnswersAsync(due, cancellationToken);
                await log.AppendAsync([.. due.Select(h => ToEvent(account.Channel, h))], cancellationToken);
                await holds.ReleaseAsync(due, cancellationToken);
                count += due.Count;
            }
            if (page.Count < PageSize) break;
            after = HeldPlace.Of(page[^1]);
        }
        if (count == 0) return holdsAny;
        metrics.PutBack(account.Channel, count);
        LogPutBack(count, account.Channel, account.AccountId);
        return holdsAny;
    }

    /// <summary>
    /// Who held a message may have died, or have paused for long, before it noted why: the next sender would find a try without an answer.
    /// </summary>
    private async ValueTask NoteAnswersAsync(IReadOnlyList<HeldMessage> due, CancellationToken cancellationToken)
    {
        var tried = due.Where(h => HoldIds.MayBeAfterTry(h.HoldId)).ToList();
        if (tried.Count == 0) return;
        var tries = await ledger.FindLatestTriesAsync([.. tried.Select(h => h.MessageId).Distinct()], cancellationToken);
        var later = tried
            .Where(h => tries.TryGetValue(h.MessageId, out var entry) && HoldIds.TellsAnswerOf(entry, h))
            .Select(h => tries[h.MessageId] with { Outcome = SendOutcome.Later })
            .ToList();
        if (later.Count > 0) await ledger.RecordAnswersAsync(later, cancellationToken);
    }

    private static bool IsDue(HeldMessage held, DateTimeOffset now, HashSet<Guid> waiting)
    {
        // Without a time it waited for the account, which is active.
        if (held.NotBefore <= now || held.NotBefore.UtcDateTime.Year >= DateTimeOffset.MaxValue.Year) return true;
        waiting.Add(held.ConversationId);
        return false;
    }

    private static NewEvent ToEvent(string channel, HeldMessage held) => new(
        Topics.Outbound(channel),
        MessageIds.Format(held.ConversationId),
        held.Value,
        [new(HeaderNames.Hold, held.HoldId.ToString())]);

    [LoggerMessage(
        EventId = LogEvents.HeldPutBack,
        Level = LogLevel.Information,
        Message = "Put {Count} held messages of the {Channel} account {AccountId} back into the log")]
    private partial void LogPutBack(int count, string channel, string accountId);

    [LoggerMessage(
        EventId = LogEvents.RemovedHeldWait,
        Level = LogLevel.Warning,
        Message = "Could not put back what removed {Channel} accounts hold; trying again at the next round")]
    private partial void LogRemovedWait(Exception exception, string channel);
}
