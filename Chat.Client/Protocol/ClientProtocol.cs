namespace Chat.Client.Protocol;

/// <summary>
/// The client's side of the protocol, without any I/O: what happens goes in by the methods, what is to be done comes out as
/// effects, and the time is whatever <c>now</c> says, counted from any moment by a clock that never steps. For one caller at a
/// time.
/// </summary>
public sealed class ClientProtocol
{
    private readonly Queue<ClientEffect> _effects = new();
    private readonly ConnectionMachine _connection;
    private readonly SubscriptionTable _subscriptions;

    /// <param name="options">How it connects and keeps up.</param>
    /// <param name="tokenIsRenewable">
    /// Whether <see cref="ClientEffect.FetchToken"/> can bring another token than the first.
    /// </param>
    /// <param name="random">For the jitter of delays.</param>
    public ClientProtocol(ClientProtocolOptions options, bool tokenIsRenewable, Random random)
    {
        _connection = new(options, tokenIsRenewable, random, _effects.Enqueue, () => _subscriptions!.BeginAll());
        _subscriptions = new(options, random, _effects.Enqueue, _connection);
    }

    /// <summary>How the connection is.</summary>
    public ConnectionState State => _connection.State;

    /// <summary>When to call <see cref="Tick"/> next; null where nothing is due.</summary>
    public TimeSpan? NextDue =>
        _connection.NextDue is { } first && !(_subscriptions.NextDue < first) ? first : _subscriptions.NextDue;

    /// <summary>The conversations that are watched.</summary>
    public IEnumerable<Guid> Conversations => _subscriptions.Conversations;

    /// <summary>The next thing to do, in the order in which they are to be done.</summary>
    public bool TryTakeEffect(out ClientEffect effect) => _effects.TryDequeue(out effect!);

    /// <summary>Where the client stands in a conversation; null where it doesn't watch it.</summary>
    public ConversationCursor? FindCursor(Guid conversationId) => _subscriptions.Find(conversationId);

    /// <summary>Opens the connection and keeps it open. While it waits for the next attempt: tries now.</summary>
    public void Connect() => _connection.Connect();

    /// <summary>Closes the connection for good; what is subscribed to stays so for a later <see cref="Connect"/>.</summary>
    public void Disconnect() => _connection.Disconnect();

    /// <summary>Watches a conversation, now and after every reconnect, until its last holder lets it go.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="holder">Who wants it.</param>
    /// <param name="since">The number of a page that was loaded before.</param>
    public void Subscribe(Guid conversationId, object holder, long? since = null) =>
        _subscriptions.Subscribe(conversationId, holder, since);

    /// <summary>One holder wants it no more.</summary>
    public void Unsubscribe(Guid conversationId, object holder) => _subscriptions.Unsubscribe(conversationId, holder);

    /// <summary>There is a token.</summary>
    /// <param name="attempt">Which was asked for.</param>
    /// <param name="token">The token.</param>
    /// <param name="expiresAt">When it ends, as it says itself; null where that is unknown.</param>
    /// <param name="now">The time.</param>
    public void TokenFetched(int attempt, string token, DateTimeOffset? expiresAt, TimeSpan now) =>
        _connection.TokenFetched(attempt, token, expiresAt, now);

    /// <summary>There is none.</summary>
    public void TokenFailed(int attempt, string why, TimeSpan now) => _connection.TokenFailed(attempt, why, now);

    /// <summary>The socket is open. False where nobody wants it any more: close it.</summary>
    public bool Opened(int attempt, TimeSpan now) => _connection.Opened(attempt, now);

    /// <summary>The socket could not be opened.</summary>
    /// <param name="attempt">Which.</param>
    /// <param name="status">The HTTP status that the server answered with; null where it didn't.</param>
    /// <param name="reason">Why, for people.</param>
    /// <param name="retryAfter">How long the server wants to be left alone.</param>
    /// <param name="now">The time.</param>
    public void ConnectFailed(int attempt, int? status, string? reason, TimeSpan? retryAfter, TimeSpan now) =>
        _connection.ConnectFailed(attempt, status, reason, retryAfter, now);

    /// <summary>The socket is closed.</summary>
    /// <param name="attempt">Which.</param>
    /// <param name="code">The server's code; null where the connection just broke.</param>
    /// <param name="reason">The server's words.</param>
    /// <param name="now">The time.</param>
    public void Closed(int attempt, int? code, string? reason, TimeSpan now) => _connection.Closed(attempt, code, reason, now);

    /// <summary>A text frame came.</summary>
    public void FrameReceived(int attempt, in ServerFrame frame, TimeSpan now)
    {
        if (attempt != _connection.Attempt || !_connection.IsOpen) return;
        _connection.FrameReceived(frame, now);
        switch (frame.Type)
        {
            case ServerFrameType.MessageStatus:
                _subscriptions.StatusReceived(frame, now);
                break;
            case ServerFrameType.MessageCreated:
                _subscriptions.MessageReceived(frame);
                break;
            case ServerFrameType.Subscribed:
                _subscriptions.Subscribed(frame);
                break;
            case ServerFrameType.Unsubscribed:
                _subscriptions.Unsubscribed(frame);
                break;
            case ServerFrameType.Error:
                _subscriptions.Refused(frame, now);
                _effects.Enqueue(new ClientEffect.Raise(new ClientError(
                    frame.Code ?? "", frame.Message ?? "", frame.Retryable ?? false, frame.ConversationId)));
                break;
        }
    }

    /// <summary>A page came.</summary>
    public void PageLoaded(PageLoad load, ConversationPage page, TimeSpan now) => _subscriptions.PageLoaded(load, page, now);

    /// <summary>A page could not be loaded.</summary>
    /// <param name="load">Which.</param>
    /// <param name="why">Why, for people.</param>
    /// <param name="now">The time.</param>
    public void PageFailed(PageLoad load, string why, TimeSpan now) =>
        _subscriptions.PageFailed(load, why, now);

    /// <summary>
    /// The user was shown a message by other means than a frame, as on a page of its own: no frame takes its status back from
    /// there. False where something as high and as new was shown already.
    /// </summary>
    /// <param name="item">The message.</param>
    /// <param name="seq">The number of the page, or of the first of several; null where it has none.</param>
    public bool Merge(MessageItem item, long? seq) => _subscriptions.Merge(item, seq);

    /// <summary>What is due by now is done.</summary>
    public void Tick(TimeSpan now)
    {
        _connection.Tick(now);
        _subscriptions.Tick(now);
    }
}
