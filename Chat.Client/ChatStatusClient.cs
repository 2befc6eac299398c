using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using Chat.Client.Connections;
using Chat.Client.Protocol;

namespace Chat.Client;

/// <summary>
/// Message statuses over a WebSocket, without gaps: connects and reconnects, resumes each conversation where it was, loads over
/// REST what the server no longer has as changes, refreshes its token on the live socket, and never tells of a message going
/// backwards.
/// </summary>
/// <remarks>
/// Events are raised one after another, in the synchronization context in which the client was first told to connect. While a
/// handler runs, nothing more is read from the server.
/// </remarks>
public sealed class ChatStatusClient : IAsyncDisposable
{
    // Frames that are read while a handler is at work; then the server notices that this client is slow.
    private const int FramesAhead = 256;

    // Far below what timers take.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);

    private readonly Uri _baseAddress;
    private readonly ChatStatusClientOptions _options;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly HttpClient? _ownHttp;
    private readonly TokenSource _tokens;
    private readonly PageReader _pages;
    private readonly ClientProtocol _protocol;
    private readonly Channel<Action> _inputs = Channel.CreateUnbounded<Action>(new() { SingleReader = true });
    private readonly SemaphoreSlim _room = new(FramesAhead);
    private readonly CancellationTokenSource _disposing = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _work = [];
    private ITimer? _timer;
    private TimeSpan? _armed;
    private Task? _loop;
    private bool _disposed;

    // Of the current attempt.
    private CancellationTokenSource? _attempt;
    private StatusSocket? _socket;
    private Task _reading = Task.CompletedTask;

    /// <param name="baseAddress">Where the API is: <c>http://localhost:5000</c>.</param>
    /// <param name="token">
    /// A JWT. Once it has ended, the client can't come back: give a function where there are fresh ones.
    /// </param>
    /// <param name="options">How it connects and keeps up.</param>
    public ChatStatusClient(Uri baseAddress, string token, ChatStatusClientOptions? options = null)
        : this(baseAddress, _ => Task.FromResult(token), isRenewable: false, options)
    {
    }

    /// <param name="baseAddress">Where the API is: <c>http://localhost:5000</c>.</param>
    /// <param name="tokenProvider">
    /// Fetches a JWT: it is asked before every connection, and before the token ends on a live one.
    /// </param>
    /// <param name="options">How it connects and keeps up.</param>
    public ChatStatusClient(
        Uri baseAddress, Func<CancellationToken, Task<string>> tokenProvider, ChatStatusClientOptions? options = null)
        : this(baseAddress, tokenProvider, isRenewable: true, options)
    {
    }

    private ChatStatusClient(
        Uri baseAddress, Func<CancellationToken, Task<string>> tokenProvider, bool isRenewable, ChatStatusClientOptions? options)
    {
        _baseAddress = baseAddress;
        _options = options ?? new();
        _time = _options.TimeProvider;
        _started = _time.GetTimestamp();
        _ownHttp = _options.HttpClient is null ? new() { Timeout = Timeout.InfiniteTimeSpan } : null;
        _tokens = new(tokenProvider, isRenewable, _options.TokenTimeout, _time);
        _pages = new(_options.HttpClient ?? _ownHttp!, new(baseAddress), _tokens, _options.RequestTimeout, _time);
        _protocol = new(_options, isRenewable, _options.Random);
    }

    /// <summary>The connection changed.</summary>
    public event EventHandler<ConnectionChange>? ConnectionChanged;

    /// <summary>A status of a message in a conversation that is watched.</summary>
    public event EventHandler<StatusChange>? StatusChanged;

    /// <summary>A message in a conversation that is watched; with <see cref="ClientProtocolOptions.WatchMessages"/>.</summary>
    public event EventHandler<MessageCreated>? MessageCreated;

    /// <summary>The server took a subscription.</summary>
    public event EventHandler<SubscriptionStart>? SubscriptionStarted;

    /// <summary>A page was loaded to close a gap.</summary>
    public event EventHandler<LoadedPage>? PageLoaded;

    /// <summary>A gap is closed.</summary>
    public event EventHandler<Resynchronization>? Resynchronized;

    /// <summary>Something went wrong.</summary>
    public event EventHandler<ClientError>? ErrorOccurred;

    /// <summary>How the connection is.</summary>
    public ConnectionState State { get; private set; }

    /// <summary>Opens the connection and keeps it open. While it waits for the next attempt: tries now.</summary>
    public void Connect()
    {
        Post(_protocol.Connect);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _timer ??= _time.CreateTimer(
                static client => ((ChatStatusClient)client!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _loop ??= RunAsync();
        }
    }

    /// <summary>Closes the connection for good; what is subscribed to stays so for a later <see cref="Connect"/>.</summary>
    public void Disconnect() => Post(_protocol.Disconnect);

    /// <summary>
    /// Watches a conversation, now and after every reconnect, without a gap, until what it answers with is disposed.
    /// </summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="since">
    /// The <see cref="ConversationPage.Seq"/> of a page loaded before, so that nothing between the two is missed.
    /// </param>
    public ConversationSubscription Subscribe(Guid conversationId, long? since = null)
    {
        var subscription = new ConversationSubscription(
            conversationId, released => Post(() => _protocol.Unsubscribe(conversationId, released)));
        Post(() => _protocol.Subscribe(conversationId, subscription, since));
        return subscription;
    }

    /// <summary>
    /// Loads a page of a conversation over REST. What it shows counts as shown: no event takes a message back from there.
    /// </summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="limit">Messages at most: 1 to 200.</param>
    /// <param name="before">The <see cref="ConversationPage.Next"/> of the page before; null for the newest.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="HttpRequestException">The server refused, or couldn't be reached.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    /// <exception cref="JsonException">It answered with something else.</exception>
    public async Task<ConversationPage> LoadPageAsync(
        Guid conversationId, int limit = 100, string? before = null, CancellationToken cancellationToken = default)
    {
        var page = await _pages.ReadAsync(conversationId, limit, before, cancellationToken);
        Post(() =>
        {
            foreach (var item in page.Items) _protocol.Merge(item, page.Seq);
        });
        return page;
    }

    /// <summary>Closes the connection, and waits until nothing runs any more. Not to be awaited by a handler.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            loop = _loop;
        }
        Post(_protocol.Disconnect);
        _inputs.Writer.TryComplete();
        if (loop is not null) await loop;
        await _disposing.CancelAsync();
        while (true)
        {
            Task[] rest;
            lock (_gate) rest = [.. _work];
            if (rest.Length == 0) break;
            await Task.WhenAll(rest);
        }
        if (_timer is not null) await _timer.DisposeAsync();
        _ownHttp?.Dispose();
        _disposing.Dispose();
        _room.Dispose();
    }

    private TimeSpan Now => _time.GetElapsedTime(_started);

    private void Post(Action input) => _inputs.Writer.TryWrite(input);

    /// <summary>The one place where anything is decided: inputs one after another, and after each what it wants done.</summary>
    private async Task RunAsync()
    {
        // Not within the call that starts it, which holds a lock and has not kept the loop yet: a handler may call back.
        await Task.Yield();
        await foreach (var input in _inputs.Reader.ReadAllAsync())
        {
            input();
            Arm(); // first: who sees an effect may count on what is timed
            while (_protocol.TryTakeEffect(out var effect)) CarryOut(effect);
        }
    }

    private void OnTimer() => Post(() =>
    {
        _armed = null;
        _protocol.Tick(Now);
    });

    private void Arm()
    {
        // Where it fires too early, nothing is due yet, and it is set anew.
        if (_protocol.NextDue is not { } due || due >= _armed) return;
        _armed = due;
        var wait = due - Now;
        if (wait > LongestTimer) wait = LongestTimer;
        _timer!.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        // The wait counts from the call: a clock that moved before it must not put the end off.
        if (Now >= due) _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void CarryOut(ClientEffect effect)
    {
        switch (effect)
        {
            case ClientEffect.FetchToken fetch:
                _attempt ??= new();
                Start(FetchTokenAsync(fetch.Attempt, _attempt.Token));
                break;
            case ClientEffect.OpenSocket open:
                _reading = RunSocketAsync(open.Attempt, open.Token, _attempt!.Token);
                Start(_reading);
                break;
            case ClientEffect.SendFrame frame:
                _socket?.Send(frame.Json);
                break;
            case ClientEffect.EndAttempt end:
                End(end.CloseCode);
                break;
            case ClientEffect.LoadPage load:
                Start(LoadAsync(load.Load, _disposing.Token));
                break;
            case ClientEffect.Raise raise:
                RaiseEvent(raise.Event);
                break;
        }
    }

    private void Start(Task work)
    {
        if (work.IsCompleted) return;
        lock (_gate) _work.Add(work);
        work.GetAwaiter().OnCompleted(() =>
        {
            lock (_gate) _work.Remove(work);
        });
    }

    private async Task FetchTokenAsync(int attempt, CancellationToken cancellationToken)
    {
        try
        {
            var token = await _tokens.FetchAsync(cancellationToken);
            Post(() => _protocol.TokenFetched(attempt, token, TokenSource.ReadExpiry(token), Now));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody waits for it any more.
        }
#pragma warning disable CA1031 // Whatever the application's function throws, there is no token.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Post(() => _protocol.TokenFailed(attempt, exception.Message, Now));
        }
    }

    private async Task RunSocketAsync(int attempt, string token, CancellationToken cancellationToken)
    {
        using var socket = new StatusSocket();
        try
        {
            await socket.OpenAsync(
                _baseAddress, token, _options.ConfigureWebSocket, _options.TokenAsProtocol, _options.WebSocketInvoker, cancellationToken);
        }
#pragma warning disable CA1031 // The network's failure, or the application's own in what it configures: there is no socket.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var refused = exception as StatusSocketRefusedException;
            Post(() => _protocol.ConnectFailed(attempt, (int?)refused?.Status, exception.Message, refused?.RetryAfter, Now));
            return;
        }
        Post(() =>
        {
            if (_protocol.Opened(attempt, Now)) _socket = socket;
        });
        try
        {
            while (await socket.ReadAsync(cancellationToken) is { } bytes)
            {
                if (!ServerFrame.TryRead(bytes.Span, out var frame)) continue;
                await _room.WaitAsync(cancellationToken);
                Post(() =>
                {
                    _room.Release();
                    _protocol.FrameReceived(attempt, frame, Now);
                });
            }
            await socket.CloseAsync(CloseCodes.Normal, cancellationToken);
        }
        catch (Exception exception)
            when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It broke, or was given up: there is no code then.
        }
        var (code, reason) = (socket.CloseCode, socket.CloseReason);
        Post(() => _protocol.Closed(attempt, code, reason, Now));
    }

    /// <summary>Ends what is under way of the current attempt.</summary>
    private void End(int? closeCode)
    {
        var (attempt, socket) = (_attempt, _socket);
        (_attempt, _socket) = (null, null);
        if (attempt is null) return;
        if (closeCode is { } code && socket is not null)
        {
            Start(CloseAsync(socket, code, _reading, attempt));
            return;
        }
        attempt.Cancel();
        attempt.Dispose();
    }

    /// <summary>
    /// Says so to the server, and gives it a moment to hear it: cutting the connection at once may overtake the close.
    /// </summary>
    private async Task CloseAsync(StatusSocket socket, int code, Task reading, CancellationTokenSource attempt)
    {
        using var deadline = new CancellationTokenSource(_options.CloseTimeout, _time);
        try
        {
            await socket.CloseAsync(code, deadline.Token);
            await reading.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // It doesn't answer.
        }
        await attempt.CancelAsync();
        attempt.Dispose();
    }

    private async Task LoadAsync(PageLoad load, CancellationToken cancellationToken)
    {
        try
        {
            var page = await _pages.ReadAsync(load.ConversationId, _options.PageSize, load.Before, cancellationToken);
            Post(() => _protocol.PageLoaded(load, page, Now));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The client ends.
        }
#pragma warning disable CA1031 // Whatever an HttpClient of the application's, or its token's function, throws: there is no page.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Post(() => _protocol.PageFailed(load, exception.Message, Now));
        }
    }

    private void RaiseEvent(ClientEvent occurred)
    {
        switch (occurred)
        {
            case ConnectionChange change:
                State = change.State;
                Raise(ConnectionChanged, change);
                break;
            case StatusChange status:
                Raise(StatusChanged, status);
                break;
            case MessageCreated message:
                Raise(MessageCreated, message);
                break;
            case SubscriptionStart subscription:
                Raise(SubscriptionStarted, subscription);
                break;
            case LoadedPage page:
                Raise(PageLoaded, page);
                break;
            case Resynchronization resynchronization:
                Raise(Resynchronized, resynchronization);
                break;
            case ClientError error:
                Raise(ErrorOccurred, error);
                break;
        }
    }

    /// <summary>Tells every handler, whatever one of them throws.</summary>
    private void Raise<T>(EventHandler<T>? handlers, T occurred)
    {
        if (handlers is null) return;
        foreach (var handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(this, occurred);
            }
#pragma warning disable CA1031 // A handler's failure is its own; the others, and the connection, go on.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (occurred is not ClientError) Raise(ErrorOccurred, new("handler", exception.ToString(), Retryable: false));
            }
        }
    }
}
