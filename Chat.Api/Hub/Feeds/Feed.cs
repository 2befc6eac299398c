using System.Diagnostics.CodeAnalysis;
using Chat.Api.Conversations;
using Chat.Api.Hub.Protocol;
using Chat.Core.Bus;
using Chat.Core.Frames;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Core.Time;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// The shell around <see cref="FeedMachine"/>: one watched conversation with its bus subscription and its subscribers. Decides
/// once per publish, not once per socket; a publish takes this conversation's lock and no other.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no handle; a repair may read it after the end.")]
public sealed partial class Feed : IBusListener
{
    // Before a store that seems to be behind is asked again; doubles with each time.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    // The bus is a hint: who subscribes while it is away waits no longer for it, and gets what the store shows.
    private static readonly TimeSpan BusPatience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly FeedMachine _machine;
    private readonly ChangeReader _reader;
    private readonly HubAccess _access;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly HubMetrics _metrics;
    private readonly ILogger _logger;
    private readonly int _maxHeld;
    // What each of them is for is rare, or over once the feed has started: a feed lasts as long as somebody watches.
    private CancellationTokenSource? _starting = new();
    private CancellationTokenSource? _ended;
    private Deliveries? _deliveries;
    private bool _hasEnded;
    private Task? _started;
    private Subscription[] _subscriptions = [];
    private Task<IAsyncDisposable>? _subscribing;
    private IAsyncDisposable? _busSubscription;
    private Guid? _owner;
    private bool _waitsToRead;
    // Once anybody wanted messages: those of changes that are read from the store are read with them from then on.
    private bool _wantsMessages;
    private string _busName = "";

    /// <param name="maxHeld">
    /// Payloads held while the store is read, and frames held for one subscriber that catches up; with more, they are read again.
    /// </param>
    public Feed(
        Guid conversationId,
        ChangeReader reader,
        HubAccess access,
        TimeProvider time,
        Random random,
        int maxHeld,
        HubMetrics metrics,
        ILogger logger)
    {
        ConversationId = conversationId;
        (_reader, _access, _time, _random) = (reader, access, time, random);
        (_maxHeld, _metrics, _logger) = (maxHeld, metrics, logger);
        _machine = new(maxHeld);
    }

    public Guid ConversationId { get; }

    /// <summary>How many times this feed was asked for and not given back; for the registry, under its lock.</summary>
    public int References { get; set; }

    public int SubscriberCount => _subscriptions.Length;

    public bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>Cancelled with the feed; for what is begun once it has started.</summary>
    private CancellationToken Ended
    {
        get
        {
            lock (_gate) return _hasEnded ? new(canceled: true) : (_ended ??= new()).Token;
        }
    }

    /// <summary>
    /// Starts it, if it has not been: bus first, then the head, so that nothing falls between the two. Comes before everything else.
    /// </summary>
    public void Start(IStatusBus bus, RetryForever retry)
    {
        // Not the lock that payloads take: the bus is called within, and calls back.
        lock (_machine)
        {
            _busName = bus.MessagingSystem;
            _started ??= StartAsync(bus, retry);
        }
    }

    private async Task StartAsync(IStatusBus bus, RetryForever retry)
    {
        var ended = _starting!.Token;
        // Known before anything is published, where there is one: what other organizations publish here moves nothing.
        await FindOwnerAsync(ended);
        _subscribing = retry.RunAsync(
            _logger, "subscribe to the bus for", ConversationId, ct => bus.SubscribeAsync(ConversationId, this, ct), ended);
        await WaitForBusAsync(_subscribing, ended);
        var head = await _reader.ReadHeadAsync(ConversationId, ended);
        if (head > 0) await FindOwnerAsync(ended);
        RepairStep step;
        lock (_gate)
        {
            step = _machine.Started(head);
            DeliverRepair(step, ChangeReader.NoMessages);
        }
        if (step.ReadLater > 0) _ = ReadLaterAsync(step.ReadLater);
        if (step.ReadAgain) _ = RepairAsync("start");
        // What it took to start is not kept for as long as somebody watches.
        if (_subscribing.IsCompletedSuccessfully) (_busSubscription, _subscribing, _starting) = (await _subscribing, null, null);
        _started = Task.CompletedTask;
    }

    private async Task WaitForBusAsync(Task<IAsyncDisposable> subscribing, CancellationToken ended)
    {
        if (!subscribing.IsCompleted)
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(ended);
            var delay = Task.Delay(BusPatience, _time, enough.Token);
            await Task.WhenAny(subscribing.WaitQuietlyAsync(), delay.WaitQuietlyAsync());
            enough.Cancel();
        }
        if (subscribing.IsCompleted) await subscribing;
        else _ = CompareOnceSubscribedAsync(subscribing);
    }

    // What was published before it is in the store. Until then the look at all heads finds it, at its interval.
    private async Task CompareOnceSubscribedAsync(Task<IAsyncDisposable> subscribing)
    {
        try
        {
            await subscribing;
            OnHead(await _reader.ReadHeadAsync(ConversationId, Ended), "bus_restored");
        }
        catch (OperationCanceledException)
        {
            // Nobody watches any more.
        }
    }

    /// <summary>
    /// Adds a subscriber: it gets the answer <c>subscribed</c>, what it missed, then the live frames, in this order.
    /// </summary>
    /// <param name="since">The last number that the client got; null where it got none.</param>
    /// <param name="check">Whether the user may see the conversation, asked again once nothing can slip past.</param>
    /// <returns>Whether the subscriber is in; false where <paramref name="check"/> forbade it.</returns>
    public async Task<bool> SubscribeAsync(
        Subscription subscription, long? since, Func<CancellationToken, ValueTask<Access>> check, CancellationToken cancellationToken)
    {
        await _started!.WaitAsync(cancellationToken);
        long target;
        lock (_gate)
        {
            // Live frames wait in the subscription from here on; what came before is in the store.
            Flush();
            _subscriptions = [.. _subscriptions, subscription];
            _wantsMessages |= subscription.Wants(WatchedEvents.Message);
            target = _machine.Last;
        }
        var access = await check(cancellationToken);
        if (access == Access.Denied)
        {
            Remove(subscription);
            return false;
        }
        if (since is null || access == Access.Unowned)
        {
            lock (_gate)
            {
                Flush();
                // Where nobody owned the conversation when that was asked, another organization may have posted since then, of which
                // this subscriber is told nothing; frames that wait are of its own.
                var head = access == Access.Unowned && !subscription.HasWaited ? target : _machine.Last;
                // Of what nobody owned the store had nothing for this subscriber to catch up on.
                var known = since <= head && !subscription.Overflowed;
                subscription.Sink.Send(
                    ServerFrames.Subscribed(ConversationId, head, since is null ? null : known, _time.GetUtcNow()));
                subscription.GoLive(since is null ? head : known ? since.Value : 0);
            }
            return true;
        }
        using var turn = new ReplayTurn(subscription.Replays);
        await turn.EnterAsync(cancellationToken);
        await CatchUpAsync(subscription, since.Value, target, turn, cancellationToken);
        return true;
    }

    private async Task CatchUpAsync(
        Subscription subscription, long since, long target, ReplayTurn turn, CancellationToken cancellationToken)
    {
        var answered = false;
        var cursor = since;
        var looks = 0;
        while (true)
        {
            await subscription.Sink.WaitForRoomAsync(cancellationToken);
            var reading = _reader.ReadSharedAsync(ConversationId, cursor, Ended, cancellationToken);
            var (page, fresh) = await turn.WhileReadingAsync(reading, _time, cancellationToken);
            // Room is mostly there, and waiting for it then asks nothing; nor does a read that ends at once.
            cancellationToken.ThrowIfCancellationRequested();
            if (!answered)
            {
                lock (_gate)
                {
                    var head = Math.Max(page.Head, _machine.Last);
                    // No change has a number above the head: it is from data that is gone, and the client must start over.
                    if (since > head && !fresh) continue;
                    var recovered = page.Complete && since <= head;
                    answered = true;
                    _metrics.Resumed(recovered);
                    subscription.Sink.Send(ServerFrames.Subscribed(ConversationId, head, recovered, _time.GetUtcNow()));
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
                // Retention deleted the next changes while the client was still reading the ones before them.
                lock (_gate)
                {
                    subscription.Sink.Send(ServerFrames.Subscribed(
                        ConversationId, Math.Max(page.Head, _machine.Last), false, _time.GetUtcNow()));
                    subscription.GoLive(cursor);
                    return;
                }
            }
            var messages = subscription.Wants(WatchedEvents.Message)
                ? await turn.WhileReadingAsync(_reader.ReadMessagesAsync(page, cancellationToken), _time, cancellationToken)
                : ChangeReader.NoMessages;
            var delivered = 0;
            foreach (var change in page.Changes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                cursor = change.Seq;
                if (Encode(change, messages) is not { } frame || !subscription.Wants(frame.Kind)) continue;
                // Before each frame and not each page: a page may be larger than the queue, and a full queue closes the socket.
                await subscription.Sink.WaitForRoomAsync(cancellationToken);
                subscription.Sink.Send(frame.Frame);
                delivered++;
            }
            _metrics.Delivered(delivered);
            if (page.Changes.Count >= _reader.Page) continue;
            lock (_gate)
            {
                if (subscription.Overflowed)
                {
                    subscription.StartOver();
                    target = _machine.Last;
                    continue;
                }
                // A page that is not full has everything up to when its read began; a shared read may have begun too early.
                if (cursor < target && !fresh) continue;
                // What the feed knows, the store has: a read that does not show it is behind, and is made again later.
                if (cursor >= target || looks >= FeedMachine.MostLooks)
                {
                    if (cursor < target)
                    {
                        subscription.Sink.Send(ServerFrames.Subscribed(ConversationId, _machine.Last, false, _time.GetUtcNow()));
                    }
                    subscription.GoLive(cursor);
                    return;
                }
            }
            turn.Leave();
            await Task.Delay(PauseBefore(++looks), _time, cancellationToken);
            await turn.EnterAsync(cancellationToken);
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
        CancellationTokenSource? ended;
        lock (_gate)
        {
            _hasEnded = true;
            ended = _ended;
        }
        // Not CancelAsync, which goes to the thread pool.
        _starting?.Cancel();
        ended?.Cancel();
        try
        {
            await _started!;
        }
        catch (OperationCanceledException)
        {
            // It was still starting.
        }
        try
        {
            if (_subscribing is not null) _busSubscription = await _subscribing;
            if (_busSubscription is not null) await _busSubscription.DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // It was never made.
        }
#pragma warning disable CA1031 // Nobody watches any more: whatever comes over what is left of it goes to nobody.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogUnsubscribeFailed(exception, ConversationId);
        }
    }

    void IBusListener.OnPayload(ReadOnlyMemory<byte> bytes)
    {
        if (BusPayload.TryRead(bytes) is not { } payload)
        {
            LogUnreadable(ConversationId);
            return;
        }
        FeedVerdict verdict;
        lock (_gate)
        {
            // What another organization publishes does not belong to this conversation, and moves nothing.
            if (_owner is { } owner && payload.Organization is { } publisher && publisher != owner) return;
            // Until the owner is known nobody can tell whose it is: the store is asked, and the owner with it.
            verdict = _machine.Published(_owner is null ? payload with { Prev = null } : payload);
            if (verdict == FeedVerdict.Deliver)
            {
                // A payload without a number, as people publish by hand, may name no organization: it is for the owner.
                if (_owner is null) _ = DeliverToOwnerAsync(payload);
                else DeliverPayload(payload);
                while (_machine.TakeFollowing() is { } next) DeliverPayload(next);
            }
        }
        if (verdict == FeedVerdict.Repair) _ = RepairAsync(payload.Prev is null ? "unknown_prev" : "gap");
    }

    // What came together goes out together.
    void IBusListener.OnSettled()
    {
        lock (_gate) Flush();
    }

    private async Task DeliverToOwnerAsync(BusPayload payload)
    {
        try
        {
            if (await FindOwnerAsync(Ended) is null) return;
        }
        catch (OperationCanceledException)
        {
            return;
        }
        lock (_gate)
        {
            DeliverPayload(payload);
            Flush();
        }
    }

    /// <summary>
    /// After a read that was behind what was published: reads again after a pause that doubles, as often as the machine wants it.
    /// </summary>
    private async Task ReadLaterAsync(int looks)
    {
        lock (_gate)
        {
            if (_waitsToRead) return;
            _waitsToRead = true;
        }
        try
        {
            await Task.Delay(PauseBefore(looks), _time, Ended);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        lock (_gate)
        {
            _waitsToRead = false;
            // A read that is under way asks for the next one itself.
            if (!_machine.TryReadLater()) return;
        }
        await RepairAsync("behind");
    }

    private TimeSpan PauseBefore(int looks) => _random.Around(FirstPause * Math.Pow(2, looks - 1));

    private async Task RepairAsync(string cause)
    {
        var began = _time.GetTimestamp();
        _metrics.RepairStarted(cause);
        var ended = Ended;
        try
        {
            while (true)
            {
                var page = await _reader.ReadAsync(ConversationId, _machine.Last, ended);
                // A replica that is behind may show changes before their owner, and they could go to nobody.
                if (await FindOwnerAsync(ended) is null) page = new(Head: 0, Complete: true, []);
                var hasMessages = _wantsMessages;
                var messages = hasMessages ? await _reader.ReadMessagesAsync(page, ended) : ChangeReader.NoMessages;
                lock (_gate)
                {
                    // Somebody came meanwhile who wants them.
                    if (_wantsMessages && !hasMessages) continue;
                    var step = _machine.Repaired(page, _reader.Page);
                    DeliverRepair(step, messages);
                    if (step.ReadLater > 0) _ = ReadLaterAsync(step.ReadLater);
                    if (!step.ReadAgain) break;
                }
            }
            _metrics.RepairEnded(_time.GetElapsedTime(began));
        }
        catch (OperationCanceledException)
        {
            // Nobody watches any more.
        }
    }

    private async ValueTask<Guid?> FindOwnerAsync(CancellationToken ended) =>
        _owner ??= await _access.FindOwnerAsync(ConversationId, ended);

    /// <param name="messages">Those that the step's changes announce, as far as anybody wants them.</param>
    private void DeliverRepair(RepairStep step, IReadOnlyDictionary<Guid, Message> messages)
    {
        if (step.Lost)
        {
            Flush();
            var lost = ServerFrames.Subscribed(ConversationId, _machine.Last, false, _time.GetUtcNow());
            foreach (var subscription in _subscriptions)
            {
                // The number is the owner's: somebody who came before there was an owner may be of another organization.
                if (subscription.OrganizationId != _owner) continue;
                if (subscription.IsLive) subscription.Sink.Send(lost);
                // It may be at a read that began before: it reads on, and finds the same.
                else subscription.Miss();
            }
        }
        foreach (var item in step.Items)
        {
            // What was published counts where it is what the store has.
            if (item.Payload is { } payload && (item.Change is null || payload.Organization == _owner)) DeliverPayload(payload);
            else if (item.Change is { } change && _owner is { } owner && Encode(change, messages) is var (frame, kind))
                Add(new(frame, kind, owner, null, kind == WatchedEvents.Status ? change.At : null));
        }
        Flush();
    }

    private void DeliverPayload(BusPayload payload)
    {
        // A payload that names another organization than the owner's does not belong to this conversation.
        if ((payload.Organization ?? _owner) is not { } organization || (_owner is { } owner && owner != organization)) return;
        var frame = OutgoingFrame.Text(payload.Frame.Span, payload.MessageId, payload.Seq ?? 0);
        var kind = payload.IsAnnouncement ? WatchedEvents.Message : WatchedEvents.Status;
        // When a person wrote tells nothing of us: it may have waited at the provider, or in the person's pocket.
        var changedAt = payload.Seq is null || payload.IsAnnouncement ? null : payload.Timestamp;
        Add(new(frame, kind, organization, payload, changedAt));
    }

    private void Add(Delivery delivery)
    {
        _deliveries ??= new();
        if (_deliveries.TryAdd(delivery)) return;
        Flush();
        (_deliveries ??= new()).TryAdd(delivery);
    }

    /// <summary>Gives what was decided on to the subscribers; in one piece, so that each socket writes once. Under the lock.</summary>
    private void Flush()
    {
        if (_deliveries?.Take() is not [var first, ..] deliveries) return;
        _deliveries = null;
        using var spans = new DeliverySpans(_busName, ConversationId, deliveries, _time);
        var batch = BatchOf(deliveries);
        var subscribers = 0;
        foreach (var subscription in _subscriptions)
        {
            if (subscription.OrganizationId != first.Organization || !subscription.Wants(first.Kind)) continue;
            subscription.Push(batch, _maxHeld);
            subscribers++;
        }
        spans.Delivered(subscribers);
        if (subscribers == 0) return;
        _metrics.Delivered(subscribers * deliveries.Count);
        foreach (var delivery in deliveries)
        {
            if (delivery.ChangedAt is { } at) _metrics.ReachedSockets(_time.GetUtcNow() - at);
        }
    }

    private static OutgoingBatch BatchOf(List<Delivery> deliveries)
    {
        var frames = new OutgoingFrame[deliveries.Count];
        for (var i = 0; i < frames.Length; i++) frames[i] = deliveries[i].Frame;
        return new(frames);
    }

    // A message that was announced and is not in the store any more was erased, or is past its retention.
    private static (OutgoingFrame Frame, WatchedEvents Kind)? Encode(StatusChange change, IReadOnlyDictionary<Guid, Message> messages)
    {
        if (!change.IsAnnouncement)
            return (OutgoingFrame.Text(StatusFrame.Encode(change), change.MessageId, change.Seq), WatchedEvents.Status);
        return messages.TryGetValue(change.MessageId, out var message)
            ? (OutgoingFrame.Text(MessageFrame.Encode(change, message), seq: change.Seq), WatchedEvents.Message)
            : null;
    }

    [LoggerMessage(
        EventId = LogEvents.BusPayloadUnreadable,
        Level = LogLevel.Warning,
        Message = "A payload on status:{ConversationId} is not a JSON object and was ignored")]
    private partial void LogUnreadable(Guid conversationId);

    [LoggerMessage(
        EventId = LogEvents.BusUnsubscribeFailed,
        Level = LogLevel.Warning,
        Message = "Could not give the bus subscription of conversation {ConversationId} back; what comes over it is ignored")]
    private partial void LogUnsubscribeFailed(Exception exception, Guid conversationId);
}
