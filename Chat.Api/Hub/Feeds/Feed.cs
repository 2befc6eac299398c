using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Chat.Api.Conversations;
using Chat.Api.Hub.Protocol;
using Chat.Core.Bus;
using Chat.Core.Frames;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;
using Chat.Core.Time;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// The shell around <see cref="FeedMachine"/>: one watched conversation with its bus subscription and its subscribers. Decides once
/// per publish, not once per socket; a publish takes this conversation's lock and no other.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no handle, and a repair may look at its token late.")]
public sealed class Feed
{
    private readonly Lock _gate = new();
    private readonly FeedMachine _machine;
    private readonly FeedServices _services;
    private readonly CancellationTokenSource _ended = new();
    private readonly Task _started;
    private Subscription[] _subscriptions = [];
    private IAsyncDisposable? _busSubscription;
    private Guid? _owner;

    /// <summary>Starts at once: bus first, then the head, so that nothing falls between the two.</summary>
    public Feed(Guid conversationId, FeedServices services)
    {
        ConversationId = conversationId;
        _services = services;
        _machine = new(services.Options.MaxHeldPayloads);
        _started = StartAsync();
    }

    public Guid ConversationId { get; }

    /// <summary>How many times this feed was asked for and not given back; for the registry, under its lock.</summary>
    public int References { get; set; }

    public int SubscriberCount => _subscriptions.Length;

    private CancellationToken Ended => _ended.Token;

    private async Task StartAsync()
    {
        _busSubscription = await _services.Retry.RunAsync(
            _services.Logger,
            "subscribe to the bus for",
            ConversationId,
            ct => _services.Bus.SubscribeAsync(ConversationId, OnPayload, ct),
            Ended);
        var head = await _services.Retry.RunAsync(
            _services.Logger,
            "read the head of",
            ConversationId,
            async ct =>
            {
                var heads = await _services.Changes.GetHeadsAsync([ConversationId], ct);
                return heads.GetValueOrDefault(ConversationId);
            },
            Ended);
        RepairStep step;
        lock (_gate)
        {
            step = _machine.Started(head);
            Deliver(step);
        }
        if (step.ReadAgain) _ = RepairAsync("start");
    }

    /// <summary>
    /// Brings a subscriber in: the answer <c>subscribed</c>, what it missed, then the live frames, in this order and by this one path.
    /// </summary>
    /// <param name="since">The last number that the client got; null where it got none.</param>
    /// <param name="check">Whether the user may see the conversation, asked again once nothing can slip past.</param>
    /// <returns>Whether the subscriber is in; false where <paramref name="check"/> forbade it.</returns>
    public async Task<bool> SubscribeAsync(
        Subscription subscription, long? since, Func<CancellationToken, ValueTask<Access>> check, CancellationToken cancellationToken)
    {
        await _started.WaitAsync(cancellationToken);
        long target;
        lock (_gate)
        {
            // Live frames wait in the subscription from here on; what came before is in the store.
            _subscriptions = [.. _subscriptions, subscription];
            target = _machine.Last;
            if (since is null)
            {
                subscription.Sink.Send(ServerFrames.Subscribed(ConversationId, target, null, _services.Time.GetUtcNow()));
                subscription.GoLive(target);
                return true;
            }
        }
        // Whoever watches a conversation that nobody owned when all earlier changes were in the store has missed none of its own.
        var access = await check(cancellationToken);
        if (access == Access.Denied)
        {
            Remove(subscription);
            return false;
        }
        if (access == Access.Unowned)
        {
            lock (_gate)
            {
                var known = since.Value <= _machine.Last && !subscription.Overflowed;
                subscription.Sink.Send(ServerFrames.Subscribed(ConversationId, _machine.Last, known, _services.Time.GetUtcNow()));
                // It may have come to belong to somebody since that was asked: what was delivered meanwhile waits, and is missed by nobody.
                subscription.GoLive(known ? since.Value : 0);
            }
            return true;
        }
        await subscription.Replays.EnterAsync(cancellationToken);
        try
        {
            await CatchUpAsync(subscription, since.Value, target, cancellationToken);
        }
        finally
        {
            subscription.Replays.Leave();
        }
        return true;
    }

    private async Task CatchUpAsync(Subscription subscription, long since, long target, CancellationToken cancellationToken)
    {
        var answered = false;
        var cursor = since;
        while (true)
        {
            await subscription.Sink.WaitForRoomAsync(cancellationToken);
            var (page, fresh) = await _services.Reader.ReadSharedAsync(ConversationId, cursor, Ended, cancellationToken);
            if (!answered)
            {
                lock (_gate)
                {
                    var head = Math.Max(page.Head, _machine.Last);
                    // A number above the head is none of ours (the data was made anew): the client must start over.
                    if (since > head && !fresh) continue;
                    var recovered = page.Complete && since <= head;
                    answered = true;
                    HubMetrics.Resumed(recovered);
                    subscription.Sink.Send(ServerFrames.Subscribed(ConversationId, head, recovered, _services.Time.GetUtcNow()));
                    if (!recovered)
                    {
                        // The client loads the page and counts from there; frames that the page has too are dropped by their seq.
                        subscription.GoLive(0);
                        return;
                    }
                }
            }
            else if (!page.Complete)
            {
                // It fell out of the store while the client was reading what came before it.
                lock (_gate)
                {
                    subscription.Sink.Send(ServerFrames.Subscribed(
                        ConversationId, Math.Max(page.Head, _machine.Last), false, _services.Time.GetUtcNow()));
                    subscription.GoLive(cursor);
                    return;
                }
            }
            foreach (var change in page.Changes)
            {
                // Within a page too: one may be more than fits the queue, and a client that is closed for it starts over.
                await subscription.Sink.WaitForRoomAsync(cancellationToken);
                subscription.Sink.Send(Encode(change));
                cursor = change.Seq;
            }
            HubMetrics.Deliveries.Add(page.Changes.Count);
            if (page.Changes.Count >= _services.Reader.Page) continue;
            lock (_gate)
            {
                if (subscription.Overflowed)
                {
                    subscription.StartOver();
                    target = _machine.Last;
                    continue;
                }
                // A page that is not full has everything up to when its read began; a shared one may have begun too early.
                if (cursor < target && !fresh) continue;
                subscription.GoLive(cursor);
                return;
            }
        }
    }

    public void Remove(Subscription subscription)
    {
        lock (_gate) _subscriptions = [.. _subscriptions.Where(s => s != subscription)];
    }

    /// <summary>The store's head of this conversation, as a look at many found it.</summary>
    public void OnHead(long head, string cause)
    {
        lock (_gate)
        {
            if (!_machine.HeadSeen(head)) return;
        }
        _ = RepairAsync(cause);
    }

    /// <summary>Gives the bus subscription back.</summary>
    public async ValueTask EndAsync()
    {
        // Not CancelAsync, which goes to the thread pool.
        _ended.Cancel();
        try
        {
            await _started;
        }
        catch (OperationCanceledException)
        {
            // It had not stood yet.
        }
        if (_busSubscription is not null) await _busSubscription.DisposeAsync();
    }

    private void OnPayload(ReadOnlyMemory<byte> bytes)
    {
        if (BusPayload.TryRead(bytes) is not { } payload)
        {
            _services.LogUnreadable(ConversationId);
            return;
        }
        FeedVerdict verdict;
        lock (_gate)
        {
            verdict = _machine.Published(payload);
            if (verdict == FeedVerdict.Deliver)
            {
                // One without an organization is its owner's, whom we may have to look up first: that is for people who publish by hand.
                if (payload.Organization is null && _owner is null) _ = DeliverToOwnerAsync(payload);
                else Deliver(payload);
            }
        }
        if (verdict == FeedVerdict.Repair) _ = RepairAsync(payload.Prev is null ? "unknown_prev" : "gap");
    }

    private async Task DeliverToOwnerAsync(BusPayload payload)
    {
        try
        {
            if (await FindOwnerAsync() is null) return;
        }
        catch (OperationCanceledException)
        {
            return;
        }
        lock (_gate) Deliver(payload);
    }

    private async Task RepairAsync(string cause)
    {
        var began = _services.Time.GetTimestamp();
        HubMetrics.Repaired(cause);
        try
        {
            while (true)
            {
                var page = await _services.Reader.ReadAsync(ConversationId, _machine.Last, Ended);
                await FindOwnerAsync();
                lock (_gate)
                {
                    var step = _machine.Repaired(page, _services.Reader.Page);
                    Deliver(step);
                    if (!step.ReadAgain) break;
                }
            }
            HubMetrics.RepairDuration.Record(_services.Time.GetElapsedTime(began).TotalSeconds);
        }
        catch (OperationCanceledException)
        {
            // Nobody watches any more.
        }
    }

    private async Task<Guid?> FindOwnerAsync()
    {
        if (_owner is not null) return _owner;
        var owner = await _services.Retry.RunAsync(
            _services.Logger,
            "find the owner of",
            ConversationId,
            ct => _services.Access.FindOwnerAsync(ConversationId, ct),
            Ended);
        return _owner = owner?.OrganizationId;
    }

    private void Deliver(RepairStep step)
    {
        if (step.Lost)
        {
            var lost = ServerFrames.Subscribed(ConversationId, _machine.Last, false, _services.Time.GetUtcNow());
            foreach (var subscription in _subscriptions)
            {
                if (subscription.IsLive) subscription.Sink.Send(lost);
            }
        }
        foreach (var item in step.Items)
        {
            if (item.Payload is { } payload) Deliver(payload);
            else if (_owner is { } owner) Deliver(Encode(item.Change!), owner);
        }
    }

    private void Deliver(BusPayload payload)
    {
        // What names another organization than the owner's is not this conversation's.
        if ((payload.Organization ?? _owner) is not { } organization || (_owner is { } owner && owner != organization)) return;
        using var span = ChatTelemetry.Continue("deliver status:{conversationId}", ActivityKind.Consumer, payload.TraceParent);
        var delivered = Deliver(OutgoingFrame.Text(payload.Frame.Span, payload.MessageId, payload.Seq ?? 0), organization);
        span?.SetTag("messaging.destination.template", "status:{conversationId}")
            .SetTag("messaging.message.conversation_id", ConversationId.ToString())
            .SetTag("chat.message.id", payload.MessageId?.ToString())
            .SetTag("chat.hub.deliveries", delivered);
        if (delivered > 0 && payload.Timestamp is { } at && payload.Seq is not null)
            HubMetrics.EventToSocket.Record(Math.Max(0, (_services.Time.GetUtcNow() - at).TotalSeconds));
    }

    private int Deliver(OutgoingFrame frame, Guid organization)
    {
        var delivered = 0;
        foreach (var subscription in _subscriptions)
        {
            if (subscription.OrganizationId != organization) continue;
            subscription.Deliver(frame, _services.Options.MaxHeldPayloads);
            delivered++;
        }
        if (delivered > 0) HubMetrics.Deliveries.Add(delivered);
        return delivered;
    }

    private static OutgoingFrame Encode(StatusChange change) => OutgoingFrame.Text(StatusFrame.Encode(change), change.MessageId, change.Seq);
}

/// <summary>What every feed needs.</summary>
public sealed partial class FeedServices(
    IStatusBus bus,
    IChangeStore changes,
    ConversationAccess access,
    ChangeReader reader,
    RetryForever retry,
    TimeProvider time,
    Microsoft.Extensions.Options.IOptions<HubOptions> options,
    ILogger<FeedServices> logger)
{
    public IStatusBus Bus { get; } = bus;

    public IChangeStore Changes { get; } = changes;

    public ConversationAccess Access { get; } = access;

    public ChangeReader Reader { get; } = reader;

    public RetryForever Retry { get; } = retry;

    public TimeProvider Time { get; } = time;

    public HubOptions Options { get; } = options.Value;

    public ILogger Logger => logger;

    [LoggerMessage(2, LogLevel.Warning, "A payload on status:{ConversationId} is no JSON object and was passed over")]
    public partial void LogUnreadable(Guid conversationId);
}
