using System.Collections.Concurrent;
using Chat.Core.Accounts;
using Chat.Core.Engines;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Time;

namespace Chat.Connectors.Outbound;

/// <summary>What the partitions of a channel share that send from accounts.</summary>
internal sealed record AccountParts(
    AccountSender Sender,
    IAccounts Accounts,
    IHeldMessages Holds,
    SendLimits Limits,
    RefusedEvents Refused,
    RetryForever Retry,
    IdSource Ids,
    ConnectorsOptions Options,
    ConnectorMetrics Metrics,
    TimeProvider Time,
    ILogger Logger);

/// <summary>
/// Carries out what <see cref="AccountFlow"/> decides for one partition. For one thread, but for the messages that are being sent.
/// </summary>
internal sealed class AccountMessages : IAsyncDisposable
{
    private const int PageSize = 500;

    private readonly AccountParts _parts;
    private readonly TopicPartition _partition;
    private readonly OutboundFlow _flow;
    private readonly HeldConversations _held = new();
    private readonly HashSet<AccountKey> _known = [];
    private readonly AccountFlow _accounts;
    private readonly ConcurrentQueue<(SendJob Job, SendEnd End)> _ended = new();
    private readonly HashSet<Task> _sending = [];
    private readonly CancellationTokenSource _leaving;
    private TaskCompletionSource _wake = NewWake();

    /// <param name="flow">Told what is done.</param>
    public AccountMessages(AccountParts parts, TopicPartition partition, OutboundFlow flow)
    {
        (_parts, _partition, _flow) = (parts, partition, flow);
        _accounts = new(parts.Limits, _held, parts.Options.SendConcurrency, parts.Options.LongestWait);
        _leaving = new(Timeout.InfiniteTimeSpan, parts.Time);
    }

    /// <summary>When there is something to do next, by <see cref="Now"/>; null where nothing is, before <see cref="Ended"/>.</summary>
    public TimeSpan? NextDue => _accounts.NextDue;

    /// <summary>Ends when a message has been sent; null where none is being sent.</summary>
    public Task? Ended => _sending.Count == 0 && _ended.IsEmpty ? null : Volatile.Read(ref _wake).Task;

    /// <summary>The one clock of all partitions, whose limits are common.</summary>
    private TimeSpan Now => _parts.Time.GetElapsedTime(0);

    /// <summary>Takes messages that were read.</summary>
    public async Task AddAsync(
        IReadOnlyList<(InFlight InFlight, Message Message, LogEvent Source)> messages, CancellationToken cancellationToken)
    {
        foreach (var (inFlight, message, source) in messages)
        {
            var key = new AccountKey(message.Channel, message.AccountId!);
            if (_known.Add(key)) await LoadHeldAsync(key, cancellationToken);
            var account = await _parts.Retry.RunAsync(
                _parts.Logger, "find the account", key, ct => _parts.Accounts.FindAsync(key, ct), cancellationToken);
            _accounts.Add(
                new(
                    inFlight,
                    message,
                    source.Value,
                    source.TraceParent,
                    SlotOf(key, account, message),
                    Guid.TryParse(source.Header(HeaderNames.Hold), out var hold) ? hold : null,
                    _parts.Ids.Next()),
                Now);
        }
    }

    /// <summary>Notes what was sent, and does what is due.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        // Before the queue is looked at: what ends afterwards sets the new one.
        Volatile.Write(ref _wake, NewWake());
        while (_ended.TryDequeue(out var ended)) Note(ended.Job, ended.End);
        _sending.RemoveWhere(sending => sending.IsCompleted);
        var holds = new List<SendStep.Hold>();
        foreach (var step in _accounts.TakeSteps(Now))
        {
            switch (step)
            {
                case SendStep.Start start:
                    _sending.Add(SendAsync(start.Job));
                    break;
                case SendStep.Hold hold:
                    holds.Add(hold);
                    break;
                default:
                    _flow.Drop(step.Job.InFlight);
                    break;
            }
        }
        if (holds.Count > 0) await HoldAsync(holds, cancellationToken);
    }

    /// <summary>
    /// Lets what is being sent end, for a short time: an answer that is not waited for is one that nobody knows.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _leaving.CancelAfter(_parts.Options.SendDrain);
        foreach (var sending in _sending) await sending.WaitQuietlyAsync();
        _leaving.Dispose();
    }

    private static TaskCompletionSource NewWake() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static SendSlot SlotOf(AccountKey key, KnownAccount? account, Message message)
    {
        var recipient = message.Recipient ?? MessageIds.Format(message.ConversationId);
        var isMedia = message.Type is MessageTypes.Audio or MessageTypes.Video;
        // One that is not connected is refused before it counts for anything.
        return account is null ? new(key, null, Account.DefaultApp, 1000, null) : SendSlot.Of(account.Account, isMedia, recipient);
    }

    /// <summary>What was held before this partition came here.</summary>
    private async Task LoadHeldAsync(AccountKey account, CancellationToken cancellationToken)
    {
        HeldPlace? after = null;
        while (true)
        {
            var page = await _parts.Retry.RunAsync(
                _parts.Logger,
                "read held messages of",
                account,
                ct => _parts.Holds.ListHeldAsync(account, after, PageSize, ct),
                cancellationToken);
            foreach (var held in page) _held.Add(account, held.ConversationId, held.MessageId, holdId: null);
            if (page.Count < PageSize) return;
            after = HeldPlace.Of(page[^1]);
        }
    }

    private void Note(SendJob job, SendEnd end)
    {
        if (end is SendEnd.Delayed delayed)
        {
            _accounts.Delayed(job, delayed.Scope, delayed.Wait, Now);
            return;
        }
        _accounts.Ended(job, Now);
        _flow.Drop(job.InFlight);
    }

    private async Task SendAsync(SendJob job)
    {
        SendEnd end = SendEnd.Done.Instance;
        try
        {
            end = await _parts.Sender.SendAsync(job, _leaving.Token);
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // Its next owner reads it again.
            return;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Refused by an engine, or a defect: a try that was claimed stays open, and its message is never sent again.
            await _parts.Refused.PutAsideAsync(_partition, job.InFlight.Offset, exception, _leaving.Token);
        }
        _ended.Enqueue((job, end));
        Volatile.Read(ref _wake).TrySetResult();
    }

    private Task HoldAsync(IReadOnlyList<SendStep.Hold> holds, CancellationToken cancellationToken)
    {
        var now = WireTime.TruncateToMilliseconds(_parts.Time.GetUtcNow());
        return Bisection.RunAsync(
            [.. holds.Select(hold => (Step: hold, Held: ToHeld(hold, now)))],
            async part =>
            {
                await _parts.Retry.RunAsync(
                    _parts.Logger,
                    "hold messages of",
                    _partition,
                    ct => _parts.Holds.HoldAsync([.. part.Select(p => p.Held)], ct),
                    cancellationToken);
                foreach (var (step, _) in part)
                {
                    _parts.Metrics.Held(step.Job.Account.Channel, step.Scope);
                    _flow.Drop(step.Job.InFlight);
                }
            },
            async (one, refusal) =>
            {
                await _parts.Refused.PutAsideAsync(_partition, one.Step.Job.InFlight.Offset, refusal, cancellationToken);
                _flow.Drop(one.Step.Job.InFlight);
            });
    }

    private static HeldMessage ToHeld(SendStep.Hold hold, DateTimeOffset now)
    {
        // One that is kept has its hold, and its time.
        return hold.Job.Kept ?? hold.Job.ToHeld(
            hold.Job.Owner, hold.Scope, hold.Wait is { } wait ? now + wait : DateTimeOffset.MaxValue);
    }
}
