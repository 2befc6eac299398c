using Chat.Connectors.Providers;
using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Time;

namespace Chat.Connectors.Outbound;

/// <summary>How a message's turn ended.</summary>
internal abstract record SendEnd
{
    /// <summary>It is done.</summary>
    public sealed record Done : SendEnd
    {
        public static Done Instance { get; } = new();
    }

    /// <summary>It must be sent later.</summary>
    /// <param name="Wait">Null: not before a person has seen to the account.</param>
    public sealed record Delayed(LaterScope Scope, TimeSpan? Wait) : SendEnd;
}

/// <summary>
/// Takes one message of an account's to the provider: claims a try, sends it, and does what follows from the answer. A try is never made
/// twice: where one was claimed by somebody else and has no answer, nobody knows what became of it.
/// </summary>
internal sealed partial class AccountSender(
    IAccountProvider provider,
    IAccounts accounts,
    ISendLedger ledger,
    IHeldMessages holds,
    IContactStore contacts,
    ReferredMessages referred,
    SettledTries settled,
    RetryForever retry,
    ConnectorsOptions options,
    ConnectorMetrics metrics,
    TimeProvider time,
    ILogger<AccountSender> logger)
{
    /// <summary>What a message says whose account is not connected any more.</summary>
    public const string RemovedReason = "The account that it was to be sent from was removed";

    private DateTimeOffset Now => WireTime.TruncateToMilliseconds(time.GetUtcNow());

    public async Task<SendEnd> SendAsync(SendJob job, CancellationToken cancellationToken)
    {
        var end = await TryAsync(job, cancellationToken);
        if (end is SendEnd.Done && job.Kept is { } kept)
        {
            await ForgetAsync(kept, cancellationToken);
            job.Kept = null;
        }
        return end;
    }

    private async Task<SendEnd> TryAsync(SendJob job, CancellationToken cancellationToken)
    {
        var message = job.Message;
        var account = OwnOf(message, await accounts.FindAsync(job.Account, cancellationToken));
        if (job.IsHint)
        {
            await TellAsync(account, message, cancellationToken);
            return SendEnd.Done.Instance;
        }
        // Somebody sent it by other means, and the provider told us.
        if (message.ProviderMessageId is not null) return SendEnd.Done.Instance;
        if (await FindOtherTryAsync(job, cancellationToken) is { } other)
        {
            if (other.Outcome != SendOutcome.Later)
            {
                await RepeatAsync(job, other, cancellationToken);
                return SendEnd.Done.Instance;
            }
            job.NextTry = other.Try.Number + 1;
        }
        // It may have been connected a moment ago, and what fails has failed for good.
        account ??= OwnOf(message, (await StepAsync(
            "look for the account of", message, ct => accounts.FindNowAsync([job.Account], ct), cancellationToken))
            .GetValueOrDefault(job.Account));
        if (account is null)
        {
            await StepAsync("report", message, ct => settled.FailAsync(
                message, RemovedReason, Now, job.TraceParent, ct), cancellationToken);
            return SendEnd.Done.Instance;
        }
        if (account.Account.State != AccountState.Active || account.Credentials.AccessToken is null)
            return new SendEnd.Delayed(LaterScope.Account, null);

        var outgoing = await PrepareAsync(job, account, cancellationToken);
        var entry = await ClaimAsync(job, cancellationToken);
        if (entry.Try.Owner != job.Owner)
        {
            // Somebody else was faster: a reader that has lost the partition, or the one that has it now.
            if (entry.Outcome == SendOutcome.Later)
            {
                job.NextTry = entry.Try.Number + 1;
                return new SendEnd.Delayed(LaterScope.Recipient, TimeSpan.Zero);
            }
            await RepeatAsync(job, entry, cancellationToken);
            return SendEnd.Done.Instance;
        }
        // Claimed before the store was away for long: it may be given up at any moment, and nothing was sent so far.
        if (Now - entry.Try.At > options.UnknownAfter / 2)
        {
            LogPutOff(message.MessageId, job.Account.AccountId, entry.Try.At);
            return await PutOffAsync(job, entry.Try, LaterScope.Recipient, TimeSpan.Zero, cancellationToken);
        }
        var answer = await provider.SendAsync(outgoing, cancellationToken);
        metrics.MessagesSent(provider.Channel, 1);
        return await SettleAsync(job, account, entry.Try, answer, cancellationToken);
    }

    /// <summary>A try's time is that of the claim that went through: as old as it is, so long is its answer missing.</summary>
    private Task<SendEntry> ClaimAsync(SendJob job, CancellationToken cancellationToken) => StepAsync(
        "claim a try of",
        job.Message,
        ct => ledger.ClaimTryAsync(
            new(job.Message.MessageId, job.Message.ConversationId, job.Account, job.NextTry, job.Owner, Now), ct),
        cancellationToken);

    // Once it was removed another organization may have connected it, which speaks for nobody but itself.
    private static KnownAccount? OwnOf(Message message, KnownAccount? account) =>
        account?.Account.OrganizationId == message.OrganizationId ? account : null;

    /// <summary>The last try, where this reading did not make it itself; null where there is none.</summary>
    private async Task<SendEntry?> FindOtherTryAsync(SendJob job, CancellationToken cancellationToken)
    {
        var tries = await StepAsync(
            "look for tries of", job.Message, ct => ledger.FindLatestTriesAsync([job.Message.MessageId], ct), cancellationToken);
        return tries.TryGetValue(job.Message.MessageId, out var entry) ? entry : null;
    }

    private async Task<Outgoing> PrepareAsync(SendJob job, KnownAccount account, CancellationToken cancellationToken)
    {
        var message = job.Message;
        return new(message, Now, First: true)
        {
            Account = account,
            Try = job.NextTry,
            Recipient = await RecipientOfAsync(message, cancellationToken),
            RefersTo = await StepAsync("look for what is answered by", message, ct => referred.FindAsync(message, ct), cancellationToken),
        };
    }

    private async Task<string?> RecipientOfAsync(Message message, CancellationToken cancellationToken)
    {
        if (message.Recipient is { } recipient) return recipient;
        var known = await StepAsync(
            "look for the recipient of", message, ct => contacts.FindContactsAsync([message.ConversationId], ct), cancellationToken);
        return known.TryGetValue(message.ConversationId, out var contact) && contact.Account.AccountId == message.AccountId
            ? contact.SendTo
            : null;
    }

    private async Task<SendEnd> SettleAsync(
        SendJob job, KnownAccount account, SendTry made, SendAnswer answer, CancellationToken cancellationToken)
    {
        var message = job.Message;
        // What was tried for so long is not tried for ever.
        if (answer is SendAnswer.Later { Wait: not null } late && made.At - message.CreatedAt >= options.GiveUpAfter)
            answer = new SendAnswer.Rejected(late.Reason);
        switch (answer)
        {
            case SendAnswer.Accepted accepted:
                await StepAsync("note the acceptance of", message, ct => settled.AcceptAsync(
                    message, made, accepted, job.TraceParent, ct), cancellationToken);
                Answered(SendOutcome.Accepted, message, made);
                return SendEnd.Done.Instance;
            case SendAnswer.Rejected rejected:
                var at = Now;
                await StepAsync("note the refusal of", message, ct => settled.RejectAsync(
                    message, made, rejected, at, job.TraceParent, ct), cancellationToken);
                Answered(SendOutcome.Rejected, message, made);
                if (rejected.Attention is { } attention) await StopAsync(account, message, attention, cancellationToken);
                return SendEnd.Done.Instance;
            case SendAnswer.Later later:
                // The account first: what is held for it is looked at once it is active again.
                if (later.Wait is null) await StopAsync(account, message, later.Reason, cancellationToken);
                var end = await PutOffAsync(job, made, later.Scope, later.Wait, cancellationToken);
                Answered(SendOutcome.Later, message, made);
                return end;
            case SendAnswer.Unknown unknown:
                await StepAsync("note the missing answer to", message, ct => settled.NoteAsync(
                    message, made, SendOutcome.Unknown, unknown.ProviderMessageIds, ct), cancellationToken);
                metrics.Answered(provider.Channel, SendOutcome.Unknown);
                LogUnknown(message.MessageId, made.Account.AccountId, unknown.Why);
                return SendEnd.Done.Instance;
            default:
                throw new InvalidOperationException($"An answer that nobody knows: {answer.GetType().Name}");
        }
    }

    /// <summary>Notes that a try came to nothing, and the message goes later.</summary>
    private async Task<SendEnd> PutOffAsync(
        SendJob job, SendTry made, LaterScope scope, TimeSpan? wait, CancellationToken cancellationToken)
    {
        var before = job.Kept;
        await KeepAsync(job, made, scope, wait, cancellationToken);
        await StepAsync("note the answer to", job.Message, ct => settled.RecordAsync(
            made, SendOutcome.Later, [], ct), cancellationToken);
        if (before is not null) await ForgetAsync(before, cancellationToken);
        job.NextTry = made.Number + 1;
        return new SendEnd.Delayed(scope, wait);
    }

    /// <summary>
    /// Holds a message before it is noted that it may be sent again. The partition's next owner may have found the try without an answer,
    /// and be done with the message: from then on this process is the only one that sends it again, and it may die.
    /// </summary>
    private async Task KeepAsync(
        SendJob job, SendTry made, LaterScope scope, TimeSpan? wait, CancellationToken cancellationToken)
    {
        // What is sent again from here in a moment does not come back meanwhile.
        var notBefore = wait is not { } time ? DateTimeOffset.MaxValue
            : time <= options.LongestWait ? Now + time + options.LongestWait
            : Now + time;
        var kept = job.ToHeld(HoldIds.After(made), scope, notBefore);
        await StepAsync("hold", job.Message, ct => holds.HoldAsync([kept], ct), cancellationToken);
        job.Kept = kept;
    }

    private Task ForgetAsync(HeldMessage kept, CancellationToken cancellationToken) => retry.RunAsync(
        logger, "forget the hold of", kept.MessageId, ct => holds.ReleaseAsync([kept], ct), cancellationToken);

    /// <summary>Does again what follows from the answer to a try of another reading: it may have died before it was done.</summary>
    private async Task RepeatAsync(SendJob job, SendEntry other, CancellationToken cancellationToken)
    {
        var message = job.Message;
        switch (other.Outcome)
        {
            case SendOutcome.Accepted:
                var accepted = new SendAnswer.Accepted(other.ProviderMessageIds, provider.StatusesOfAccepted);
                await StepAsync("note the acceptance of", message, ct => settled.AcceptAsync(
                    message, other.Try, accepted, job.TraceParent, ct), cancellationToken);
                break;
            case null:
                // It was claimed, and perhaps sent: a webhook proves it, or time ends.
                await StepAsync("note the missing answer to", message, ct => settled.RecordAsync(
                    other.Try, SendOutcome.Unknown, [], ct), cancellationToken);
                metrics.Answered(provider.Channel, SendOutcome.Unknown);
                LogUnknown(message.MessageId, other.Try.Account.AccountId, "the service that sent it stopped");
                break;
            default:
                // Unknown waits for its proof; the others were reported before they were noted.
                break;
        }
    }

    private async Task TellAsync(KnownAccount? account, Message hint, CancellationToken cancellationToken)
    {
        if (account is not { Account.State: AccountState.Active, Credentials.AccessToken: not null }) return;
        var recipient = await RecipientOfAsync(hint, cancellationToken);
        var isTaken = await provider.TellAsync(account, hint, recipient, cancellationToken);
        if (!isTaken) LogNotTold(hint.Type, hint.ConversationId, account.Key.AccountId);
    }

    private async Task StopAsync(KnownAccount account, Message message, string attention, CancellationToken cancellationToken)
    {
        await StepAsync("stop the account of", message, ct => accounts.SetAttentionAsync(account.Key, attention, ct), cancellationToken);
        LogStopped(account.Key.Channel, account.Key.AccountId);
    }

    private void Answered(SendOutcome outcome, Message message, SendTry made)
    {
        metrics.Answered(provider.Channel, outcome);
        LogAnswered(made.Account.Channel, outcome, message.MessageId, made.Account.AccountId, made.Number);
    }

    private Task<T> StepAsync<T>(
        string step, Message message, Func<CancellationToken, ValueTask<T>> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, message.MessageId, action, cancellationToken);

    private Task StepAsync(string step, Message message, Func<CancellationToken, ValueTask> action, CancellationToken cancellationToken) =>
        retry.RunAsync(logger, step, message.MessageId, action, cancellationToken);

    [LoggerMessage(
        EventId = LogEvents.ProviderAnswered,
        Level = LogLevel.Information,
        Message = "{Channel} answered {Outcome} to message {MessageId} of account {AccountId}, try {Try}")]
    private partial void LogAnswered(string channel, SendOutcome outcome, Guid messageId, string accountId, int @try);

    [LoggerMessage(
        EventId = LogEvents.SendingPutOff,
        Level = LogLevel.Warning,
        Message = "Message {MessageId} of account {AccountId} was to be sent at {At}, and the store says so only now: it goes by another "
            + "try")]
    private partial void LogPutOff(Guid messageId, string accountId, DateTimeOffset at);

    [LoggerMessage(
        EventId = LogEvents.ProviderSilent,
        Level = LogLevel.Warning,
        Message = "Whether message {MessageId} of account {AccountId} was sent is not known ({Why}); it is not sent again")]
    private partial void LogUnknown(Guid messageId, string accountId, string why);

    [LoggerMessage(
        EventId = LogEvents.AccountStopped,
        Level = LogLevel.Error,
        Message = "The {Channel} account {AccountId} sends nothing until a person has seen to it")]
    private partial void LogStopped(string channel, string accountId);

    [LoggerMessage(
        EventId = LogEvents.HintNotTaken,
        Level = LogLevel.Information,
        Message = "The provider did not take {Kind} of conversation {ConversationId}, account {AccountId}")]
    private partial void LogNotTold(string kind, Guid conversationId, string accountId);
}
