using System.Diagnostics.CodeAnalysis;
using Chat.Api.Auth;
using Chat.Api.Conversations;
using Chat.Api.Hub.Feeds;
using Chat.Api.Hub.Protocol;
using Chat.Core.Time;

namespace Chat.Api.Hub.Sessions;

/// <summary>
/// One client's side of the protocol: what it asks for, for as long as its token is good. Knows no socket, so that a simulation
/// drives the same code.
/// </summary>
public sealed class HubSession : IAsyncDisposable
{
    // Timers can't wait for much longer than this; a token that lasts longer is looked at again then.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    // Two, so that one's read goes on while the other's page is written; two pages fit into a socket's queue.
    private const int ConcurrentReplays = 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Watch> _watches = [];
    private readonly SessionServices _services;
    private readonly IFrameSink _sink;
    private readonly InboundLimit _limit;
    private readonly FifoSemaphore _replays = new(ConcurrentReplays);
    private readonly ITimer _expiry;
    private ChatUser _user;
    private bool _ended;

    /// <summary>Opens the session: the client gets <c>connected</c>.</summary>
    public HubSession(string connectionId, ChatUser user, IFrameSink sink, SessionServices services)
    {
        (ConnectionId, _user, _sink, _services) = (connectionId, user, sink, services);
        _limit = new(services.Options.InboundBurst, services.Options.InboundPerSecond, services.Time);
        _expiry = services.Time.CreateTimer(static s => ((HubSession)s!).CheckExpiry(), this, UntilExpiry(), Timeout.InfiniteTimeSpan);
        sink.Send(ServerFrames.Connected(connectionId, user.UserId, services.Time.GetUtcNow()));
    }

    public string ConnectionId { get; }

    /// <summary>A text frame from the client. Called by one thread at a time.</summary>
    public void OnText(ReadOnlySpan<byte> json)
    {
        HubMetrics.FramesReceived.Add(1);
        if (!_limit.TryTake())
        {
            _sink.Send(ServerFrames.Error(ErrorCode.TooManyFrames, "Quadros demais: espere antes de reconectar", retryable: true));
            _sink.Close(CloseCode.TooManyFrames, "too many frames");
            return;
        }
        switch (ClientFrame.Read(json))
        {
            case ClientFrame.Subscribe subscribe:
                Subscribe(subscribe.ConversationId, subscribe.Since);
                break;
            case ClientFrame.Unsubscribe unsubscribe:
                _ = UnsubscribeAsync(unsubscribe.ConversationId);
                break;
            case ClientFrame.Ping:
                _sink.Send(ServerFrames.Pong(Now));
                break;
            case ClientFrame.Auth auth:
                _ = RefreshAsync(auth.Token);
                break;
            case ClientFrame.Bad bad:
                _sink.Send(ServerFrames.Error(bad.Code, bad.Message));
                break;
        }
    }

    /// <summary>A frame that is not text.</summary>
    public void OnBinary()
    {
        HubMetrics.FramesReceived.Add(1);
        if (_limit.TryTake()) _sink.Send(ServerFrames.Error(ErrorCode.InvalidMessage, "Mensagem inválida: envie JSON em quadros de texto"));
        else _sink.Close(CloseCode.TooManyFrames, "too many frames");
    }

    /// <summary>A frame larger than the server takes.</summary>
    public void OnTooBig()
    {
        _sink.Send(ServerFrames.Error(ErrorCode.TooBig, $"Mensagem inválida: no máximo {_services.Options.MaxInboundBytes} bytes"));
        _sink.Close(CloseCode.TooBig, "frame too big");
    }

    /// <summary>Ends all watches; no frame comes out afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        await _expiry.DisposeAsync();
        List<Watch> watches;
        lock (_gate)
        {
            _ended = true;
            watches = [.. _watches.Values];
            _watches.Clear();
        }
        foreach (var watch in watches) await EndAsync(watch);
    }

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    private void Subscribe(Guid conversationId, long? since)
    {
        Watch watch;
        Watch? previous;
        lock (_gate)
        {
            if (_ended) return;
            if (!_watches.TryGetValue(conversationId, out previous) && _watches.Count >= _services.Options.MaxSubscriptions)
            {
                _sink.Send(ServerFrames.Error(
                    ErrorCode.TooManySubscriptions,
                    $"No máximo {_services.Options.MaxSubscriptions} inscrições por conexão: cancele alguma antes",
                    conversationId: conversationId));
                return;
            }
            watch = _watches[conversationId] = new(conversationId);
        }
        watch.Started = StartAsync(watch, previous, since);
    }

    private async Task StartAsync(Watch watch, Watch? previous, long? since)
    {
        try
        {
            // Not two watches of one conversation on one socket: it would get everything twice.
            if (previous is not null) await EndAsync(previous);
            if (!await TryStartAsync(watch, since))
            {
                Forget(watch);
                _sink.Send(ServerFrames.Error(
                    ErrorCode.Forbidden, "conversationId: conversa de outra organização", conversationId: watch.ConversationId));
            }
        }
        catch (OperationCanceledException)
        {
            // Unsubscribed, or gone, before it stood.
        }
    }

    private async Task<bool> TryStartAsync(Watch watch, long? since)
    {
        var user = _user;
        var access = await CheckAsync(user, watch.ConversationId, watch.Ended);
        if (access == Access.Denied) return false;
        // Whoever has no organization is let in by what it posted, and then sees what the owner's users see.
        var organization = user.OrganizationId ?? Guid.Empty;
        if (access == Access.Granted && await _services.Access.FindOwnerAsync(watch.ConversationId, watch.Ended) is { } owner)
            organization = owner.OrganizationId;
        watch.Subscription = new(_sink, organization, _replays);
        watch.Feed = _services.Feeds.Take(watch.ConversationId);
        HubMetrics.Subscriptions.Add(1);
        return await watch.Feed.SubscribeAsync(
            watch.Subscription, since, ct => CheckAsync(user, watch.ConversationId, ct), watch.Ended);
    }

    private async ValueTask<Access> CheckAsync(ChatUser user, Guid conversationId, CancellationToken cancellationToken) =>
        await _services.Retry.RunAsync(
            _services.Logger,
            "check the access to",
            conversationId,
            ct => _services.Access.CheckAsync(user, conversationId, ct),
            cancellationToken);

    private async Task UnsubscribeAsync(Guid conversationId)
    {
        Watch? watch;
        lock (_gate) _watches.Remove(conversationId, out watch);
        if (watch is not null) await EndAsync(watch);
        _sink.Send(ServerFrames.Unsubscribed(conversationId, Now));
    }

    private void Forget(Watch watch)
    {
        lock (_gate)
        {
            if (_watches.GetValueOrDefault(watch.ConversationId) == watch) _watches.Remove(watch.ConversationId);
        }
        _ = ReleaseAsync(watch);
    }

    private async Task EndAsync(Watch watch)
    {
        watch.Cancel();
        await watch.Started;
        await ReleaseAsync(watch);
    }

    private async Task ReleaseAsync(Watch watch)
    {
        if (watch.Release() is not { } feed) return;
        feed.Remove(watch.Subscription!);
        HubMetrics.Subscriptions.Add(-1);
        await _services.Feeds.ReturnAsync(feed);
    }

    private async Task RefreshAsync(string token)
    {
        var fresh = await _services.Tokens.ReadAsync(token, CancellationToken.None);
        if (fresh is null || fresh.UserId != _user.UserId || fresh.OrganizationId != _user.OrganizationId)
        {
            _sink.Send(ServerFrames.Error(ErrorCode.InvalidToken, "token: inválido, expirado ou de outro usuário"));
            return;
        }
        _user = fresh;
        _expiry.Change(UntilExpiry(), Timeout.InfiniteTimeSpan);
        _sink.Send(ServerFrames.Authenticated(fresh.ExpiresAt, Now));
    }

    private void CheckExpiry()
    {
        var left = UntilExpiry();
        if (left > TimeSpan.Zero) _expiry.Change(left, Timeout.InfiniteTimeSpan);
        else _sink.Close(CloseCode.TokenExpired, "token expired");
    }

    private TimeSpan UntilExpiry()
    {
        var left = _user.ExpiresAt - Now;
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait;
    }

    /// <summary>A subscription from the client's side, and what must be given back of it.</summary>
    [SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no handle; who waits for the watch's end looks at it late.")]
    private sealed class Watch(Guid conversationId)
    {
        private readonly CancellationTokenSource _ended = new();
        private Feed? _feed;

        public Guid ConversationId { get; } = conversationId;

        public CancellationToken Ended => _ended.Token;

        public Task Started { get; set; } = Task.CompletedTask;

        public Subscription? Subscription { get; set; }

        public Feed Feed
        {
            get => _feed!;
            set => _feed = value;
        }

        // Not CancelAsync, which goes to the thread pool.
        public void Cancel() => _ended.Cancel();

        /// <summary>The feed, to be given back; once.</summary>
        public Feed? Release() => Interlocked.Exchange(ref _feed, null);
    }
}
