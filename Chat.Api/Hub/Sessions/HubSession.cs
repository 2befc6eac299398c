using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Chat.Api.Auth;
using Chat.Api.Conversations;
using Chat.Api.Hub.Feeds;
using Chat.Api.Hub.Protocol;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Limits;
using Chat.Core.Time;

namespace Chat.Api.Hub.Sessions;

/// <summary>
/// One client's side of the protocol: what it asks for, for as long as its token is good. Knows no socket, so that a simulation
/// drives the same code.
/// </summary>
public sealed partial class HubSession : IAsyncDisposable
{
    // Two, so that one reads while the other's page is written; two pages fit into a socket's queue.
    private const int ConcurrentReplays = 2;

    // Tokens kept while one is checked; a client sends the next one when it has the answer.
    private const int MaxWaitingAuths = 16;

    private readonly Lock _gate = new();
    private readonly Watches _watches = new();
    private readonly SessionParts _shared;
    private readonly ILogger _logger;
    private readonly IFrameSink _sink;
    private readonly Language _language;
    private readonly TokenBucket _frames;
    // Neither is there until a client resumes, or sends a fresh token.
    private FifoSemaphore? _replays;
    private CancellationTokenSource? _ending;
    private volatile ChatUser _user;
    private Countdown _expires;
    private Task _lastAuth = Task.CompletedTask;
    private int _waitingAuths;
    private bool _isRevoked;
    private bool _ended;

    /// <summary>For <see cref="HubSessions.Open"/>.</summary>
    internal HubSession(string connectionId, ChatUser user, IFrameSink sink, Language language, SessionParts shared)
    {
        (ConnectionId, _user, _sink, _language, _shared, _logger) = (connectionId, user, sink, language, shared, shared.Logger);
        _frames = new(shared.Options.InboundBurst, shared.Options.InboundPerSecond, shared.Time);
        _expires = ExpiryOf(user);
        sink.Send(ServerFrames.Connected(connectionId, user.UserId, Now));
    }

    public string ConnectionId { get; }

    /// <summary>
    /// A frame comes in, of whatever kind: a fragment, a ping and a pong are one each. False where it is one too many. Called by the
    /// thread that calls <see cref="OnText"/>.
    /// </summary>
    public bool OnFrame()
    {
        _shared.Metrics.FrameReceived();
        return _frames.TryTake(cost: 1, out _);
    }

    /// <summary>More frames than the server takes, or a message in more fragments.</summary>
    public void OnTooManyFrames()
    {
        SendError(ErrorCode.TooManyFrames, UserTexts.TooManyFrames, retryable: true);
        _sink.Close(CloseCode.TooManyFrames, "too many frames");
    }

    /// <summary>A text message from the client. Called by one thread at a time.</summary>
    public void OnText(ReadOnlySpan<byte> json)
    {
        switch (ClientFrame.Read(json))
        {
            case ClientFrame.Subscribe subscribe:
                Subscribe(subscribe);
                break;
            case ClientFrame.Unsubscribe unsubscribe:
                Unsubscribe(unsubscribe.ConversationId);
                break;
            case ClientFrame.Ping:
                _sink.Send(ServerFrames.Pong(Now));
                break;
            case ClientFrame.Auth auth:
                if (Interlocked.Increment(ref _waitingAuths) <= MaxWaitingAuths) _lastAuth = RefreshAfterAsync(_lastAuth, auth.Token);
                else OnTooManyFrames();
                break;
            case ClientFrame.Shown shown:
                _shared.Shown.Take(_user.UserId, shown.Statuses, IsWatched);
                break;
            case ClientFrame.Bad bad:
                SendError(bad.Code, bad.Text);
                break;
        }
    }

    /// <summary>A message that is not text.</summary>
    public void OnBinary() => SendError(ErrorCode.InvalidMessage, UserTexts.NotText);

    /// <summary>A message larger than the server takes.</summary>
    public void OnTooBig()
    {
        SendError(ErrorCode.TooBig, UserTexts.FrameTooBig(_shared.Options.MaxInboundBytes));
        _sink.Close(CloseCode.TooBig, "frame too big");
    }

    /// <summary>
    /// Closes the socket, for good, where the token that it goes by now is one of these. Called again while it closes, it does nothing.
    /// </summary>
    public bool CloseIfRevoked(FrozenSet<string> tokenIds)
    {
        // With the change of tokens under one lock: a good fresh one is never closed for the one before.
        lock (_gate)
        {
            if (_isRevoked || _user.TokenId is not { } id || !tokenIds.Contains(id)) return false;
            _isRevoked = true;
        }
        _sink.Close(CloseCode.TokenRevoked, "token revoked");
        return true;
    }

    /// <summary>The same for the tokens that are known to be revoked: one may have become so while it was checked.</summary>
    public bool CloseIfRevoked() => CloseIfRevoked(_shared.Tokens.Revoked);

    /// <summary>
    /// Closes the socket where the token that it goes by now has expired. For <see cref="Sockets.ConnectionRegistry"/>, which calls it for
    /// all sockets in turn: none has a timer of its own.
    /// </summary>
    public void CloseIfExpired()
    {
        lock (_gate)
        {
            if (_ended || _expires.Left > TimeSpan.Zero) return;
        }
        _sink.Close(CloseCode.TokenExpired, "token expired");
    }

    /// <summary>Ends all watches; no frame comes out afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        IReadOnlyList<Watch> watches;
        CancellationTokenSource? ending;
        lock (_gate)
        {
            _ended = true;
            (watches, ending) = (_watches.TakeAll(), _ending);
        }
        // Not disposed of: it has no timer and no handle, and is read after the end. Not CancelAsync, which goes to the thread pool.
        ending?.Cancel();
        foreach (var watch in watches) await EndAsync(watch);
    }

    private DateTimeOffset Now => _shared.Time.GetUtcNow();

    // Once it was let in: what is asked for and not granted yet shows nothing.
    private bool IsWatched(Guid conversationId)
    {
        lock (_gate) return _watches.Find(conversationId) is { IsIn: true };
    }

    private void Subscribe(ClientFrame.Subscribe asked)
    {
        var conversationId = asked.ConversationId;
        Watch watch;
        Watch? previous;
        lock (_gate)
        {
            if (_ended) return;
            previous = _watches.Find(conversationId);
            if (previous is null && _watches.Staying >= _shared.Options.MaxSubscriptions)
            {
                SendError(
                    ErrorCode.TooManySubscriptions,
                    UserTexts.TooManySubscriptions(_shared.Options.MaxSubscriptions),
                    conversationId: conversationId);
                return;
            }
            watch = new(conversationId);
            _watches.Put(watch);
        }
        watch.Started = StartAsync(watch, previous, asked);
    }

    private async Task StartAsync(Watch watch, Watch? previous, ClientFrame.Subscribe asked)
    {
        try
        {
            // One watch of a conversation per socket: with two, it would get everything twice.
            if (previous is not null)
            {
                await EndAsync(previous);
                if (previous.Left is { } left) await left;
            }
            if (await TryStartAsync(watch, asked))
            {
                watch.HasStarted();
                return;
            }
            Forget(watch);
            SendError(ErrorCode.Forbidden, UserTexts.ForeignConversation, conversationId: watch.ConversationId);
        }
        catch (OperationCanceledException)
        {
            // Unsubscribed, or disconnected, before it had started.
        }
#pragma warning disable CA1031 // Nobody awaits this task, and the client must get an answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogSubscribeFailed(exception, ConnectionId, watch.ConversationId);
            Forget(watch);
            SendError(ErrorCode.Unavailable, UserTexts.Unavailable, retryable: true, conversationId: watch.ConversationId);
        }
    }

    private async Task<bool> TryStartAsync(Watch watch, ClientFrame.Subscribe asked)
    {
        var (user, since) = (_user, asked.Since);
        // A resume reads the store as well. The end of a subscription is paid for here: it is never refused.
        await _shared.Subscriptions.TakeAsync(user.UserId, since is null ? 1 : 2, watch.Ended);
        var access = await _shared.Access.CheckAsync(user, watch.ConversationId, watch.Ended);
        if (access == Access.Denied) return false;
        // A user without an organization who posted here sees what the owner's users see.
        var organization = user.OrganizationId ?? Guid.Empty;
        if (access == Access.Granted)
            organization = await _shared.Access.FindOwnerAsync(watch.ConversationId, watch.Ended) ?? organization;
        watch.Subscription = new(_sink, organization, since is null ? null : Replays(), asked.Events);
        watch.Feed = _shared.Feeds.Take(watch.ConversationId);
        _shared.Metrics.SubscriptionAdded();
        return await watch.Feed.SubscribeAsync(
            watch.Subscription, since, ct => _shared.Access.CheckAsync(user, watch.ConversationId, ct), watch.Ended);
    }

    private FifoSemaphore Replays()
    {
        lock (_gate) return _replays ??= new(ConcurrentReplays);
    }

    // Cancelled with the session; for what is begun while it lasts.
    private CancellationToken Ending()
    {
        lock (_gate) return _ended ? new(canceled: true) : (_ending ??= new()).Token;
    }

    private void Unsubscribe(Guid conversationId)
    {
        Watch? watch;
        lock (_gate) watch = _watches.Leave(conversationId);
        if (watch is null) _sink.Send(ServerFrames.Unsubscribed(conversationId, Now));
        else watch.Left = LeaveAsync(watch, watch.Left);
    }

    // Found until it is answered: a subscription that follows at once waits for that.
    private async Task LeaveAsync(Watch watch, Task? before)
    {
        if (before is not null) await before;
        await EndAsync(watch);
        _sink.Send(ServerFrames.Unsubscribed(watch.ConversationId, Now));
        Remove(watch);
    }

    private void Forget(Watch watch)
    {
        Remove(watch);
        Release(watch);
    }

    private void Remove(Watch watch)
    {
        lock (_gate)
        {
            if (_watches.Find(watch.ConversationId) == watch) _watches.Remove(watch);
        }
    }

    private async Task EndAsync(Watch watch)
    {
        watch.Cancel();
        await watch.Started;
        Release(watch);
    }

    private void Release(Watch watch)
    {
        if (watch.Release() is not { } feed) return;
        feed.Remove(watch.Subscription!);
        _shared.Metrics.SubscriptionRemoved();
        // Not waited for: the client gets nothing of it any more, whether or not the bus answers.
        _ = _shared.Feeds.ReturnAsync(feed);
    }

    /// <summary>
    /// Tokens are answered, and count, in the order in which they came, however long each takes to be checked: the last one that is
    /// accepted is the one that the client goes by.
    /// </summary>
    /// <param name="before">Of the token before; never throws.</param>
    private async Task RefreshAfterAsync(Task before, string token)
    {
        var ending = Ending();
        try
        {
            await before;
            ending.ThrowIfCancellationRequested();
            await RefreshAsync(token, ending);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Nobody is there to hear the answer.
        }
        finally
        {
            Interlocked.Decrement(ref _waitingAuths);
        }
    }

    private async Task RefreshAsync(string token, CancellationToken ending)
    {
        ChatUser? fresh;
        try
        {
            fresh = await _shared.Tokens.ReadAsync(token, ending);
        }
#pragma warning disable CA1031 // Nobody awaits this task, and the client must get an answer.
        catch (Exception exception) when (!ending.IsCancellationRequested)
#pragma warning restore CA1031
        {
            // An outage's exception is the authority's; the text of any other may hold parts of the token.
            LogTokenCheckFailed(ConnectionId, exception.GetType(), (exception as UnavailableException)?.InnerException);
            SendError(ErrorCode.Unavailable, UserTexts.TokenUnavailable, retryable: true);
            return;
        }
        if (fresh is null || fresh.UserId != _user.UserId || fresh.OrganizationId != _user.OrganizationId)
        {
            SendError(ErrorCode.InvalidToken, UserTexts.InvalidToken);
            return;
        }
        lock (_gate)
        {
            if (_isRevoked) return;
            (_user, _expires) = (fresh, ExpiryOf(fresh));
        }
        if (CloseIfRevoked()) return;
        _sink.Send(ServerFrames.Authenticated(fresh.ExpiresAt, Now));
    }

    private void SendError(string code, UserText text, bool retryable = false, Guid? conversationId = null) =>
        _sink.Send(ServerFrames.Error(code, text.In(_language), retryable, conversationId));

    // Counted down from when the token was accepted: a clock that is set later neither ends a session nor prolongs it.
    private Countdown ExpiryOf(ChatUser user) => new(user.ExpiresAt - Now, _shared.Time);

    [LoggerMessage(
        EventId = LogEvents.TokenCheckFailed,
        Level = LogLevel.Warning,
        Message = "WebSocket {ConnectionId}: a fresh token could not be checked: {Error}")]
    private partial void LogTokenCheckFailed(string connectionId, Type error, Exception? exception);

    [LoggerMessage(
        EventId = LogEvents.SubscribeFailed,
        Level = LogLevel.Error,
        Message = "WebSocket {ConnectionId}: could not subscribe to conversation {ConversationId}")]
    private partial void LogSubscribeFailed(Exception exception, string connectionId, Guid conversationId);

    /// <summary>A socket's watches, one a conversation. Most sockets have one: the table comes with the second.</summary>
    private sealed class Watches
    {
        private Watch? _only;
        private Dictionary<Guid, Watch>? _all;
        private int _leaving;

        /// <summary>How many there are, but for those that are about to end.</summary>
        public int Staying => (_all?.Count ?? (_only is null ? 0 : 1)) - _leaving;

        public Watch? Find(Guid conversationId) =>
            _all is not null ? _all.GetValueOrDefault(conversationId) : _only?.ConversationId == conversationId ? _only : null;

        /// <summary>The one of a conversation, which is about to end; null where there is none.</summary>
        public Watch? Leave(Guid conversationId)
        {
            if (Find(conversationId) is not { } watch) return null;
            if (!watch.IsLeaving) _leaving++;
            watch.IsLeaving = true;
            return watch;
        }

        /// <summary>In place of what there is of its conversation.</summary>
        public void Put(Watch watch)
        {
            if (Find(watch.ConversationId) is { IsLeaving: true }) _leaving--;
            if (_all is null && (_only is null || _only.ConversationId == watch.ConversationId))
            {
                _only = watch;
                return;
            }
            _all ??= new() { [_only!.ConversationId] = _only };
            _all[watch.ConversationId] = watch;
            _only = null;
        }

        /// <param name="watch">One that is there.</param>
        public void Remove(Watch watch)
        {
            if (watch.IsLeaving) _leaving--;
            _only = null;
            _all?.Remove(watch.ConversationId);
        }

        public IReadOnlyList<Watch> TakeAll()
        {
            IReadOnlyList<Watch> all = _all is not null ? [.. _all.Values] : _only is { } only ? [only] : [];
            (_only, _all) = (null, null);
            return all;
        }
    }

    /// <summary>A subscription from the client's side, with the feed that it must return.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no handle; it is read after the end.")]
    private sealed class Watch(Guid conversationId)
    {
        private CancellationTokenSource? _ended = new();
        private Feed? _feed;

        public Guid ConversationId { get; } = conversationId;

        /// <summary>For the start alone.</summary>
        public CancellationToken Ended => _ended?.Token ?? CancellationToken.None;

        public Task Started { get; set; } = Task.CompletedTask;

        /// <summary>Whether it is about to end, since the client asked for it; under the session's lock.</summary>
        public bool IsLeaving { get; set; }

        /// <summary>Its end, and the answer to it; for who reads the client's messages.</summary>
        public Task? Left { get; set; }

        public Subscription? Subscription { get; set; }

        public Feed Feed
        {
            get => _feed!;
            set => _feed = value;
        }

        /// <summary>Whether it has started.</summary>
        public bool IsIn => Volatile.Read(ref _ended) is null;

        /// <summary>Forgets what only the start needs: a watch lasts as long as its socket.</summary>
        public void HasStarted()
        {
            Volatile.Write(ref _ended, null);
            Started = Task.CompletedTask;
        }

        // Not CancelAsync, which goes to the thread pool.
        public void Cancel() => _ended?.Cancel();

        /// <summary>The feed, to be given back; once.</summary>
        public Feed? Release() => Interlocked.Exchange(ref _feed, null);
    }
}
