using System.Diagnostics;
using Chat.Client;

namespace Chat.LoadTest.Deployment;

/// <summary>What the sockets of a run share.</summary>
/// <param name="Http">For pages.</param>
/// <param name="Connections">What sockets are opened with.</param>
/// <param name="Conversations">Their ids.</param>
internal sealed record WatchSetup(
    Uri Api,
    Access Access,
    HttpClient Http,
    HttpMessageInvoker Connections,
    IReadOnlyList<Guid> Conversations,
    WatchPlan Plan,
    TickLedger Ledger);

/// <summary>The server has no place for a socket.</summary>
internal sealed class SocketRefusedException(string message) : Exception(message);

/// <summary>A client on a socket of its own, as a browser has it: it comes back where it is closed, and notes what it shows.</summary>
internal sealed class SocketWatcher : IAsyncDisposable
{
    private const string TooManyConnections = "too_many_connections"; // as the client names it

    private readonly ChatStatusClient _client;
    private readonly Dictionary<Guid, (int Conversation, int Slot)> _watched;
    private readonly HashSet<Guid> _answered = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TickLedger _ledger;
    private long _beganAt;
    private long _openedAt;

    public SocketWatcher(int number, WatchSetup setup)
    {
        _ledger = setup.Ledger;
        _watched = setup.Plan.ConversationsOf(number).ToDictionary(
            c => setup.Conversations[c], c => (c, setup.Plan.SocketsOf(c).ToList().IndexOf(number)));
        _client = new(
            setup.Api, _ => Task.FromResult(setup.Access.WatcherToken(number)), new()
            {
                HttpClient = setup.Http,
                WebSocketInvoker = setup.Connections,
                MaxPages = int.MaxValue,
            });
        _client.ConnectionChanged += (_, change) => OnConnection(change);
        _client.SubscriptionStarted += (_, subscription) => OnSubscription(subscription.ConversationId);
        _client.StatusChanged += (_, change) => OnStatus(change);
        _client.ErrorOccurred += (_, error) => OnError(error);
    }

    /// <summary>How often it opened; above 1 where the socket was closed or lost.</summary>
    public int Connects { get; private set; }

    /// <summary>The last that the server or the client said was wrong; null where nothing was.</summary>
    public string? LastError { get; private set; }

    /// <summary>From the first attempt to the open socket.</summary>
    public TimeSpan ConnectTime { get; private set; }

    /// <summary>From the open socket to the answer to the last of its subscriptions.</summary>
    public TimeSpan SubscribeTime { get; private set; }

    /// <summary>Ends once it is connected and each subscription was answered.</summary>
    /// <exception cref="SocketRefusedException">The server has no place for it.</exception>
    public Task ConnectAsync()
    {
        _beganAt = Stopwatch.GetTimestamp();
        foreach (var conversation in _watched.Keys) _client.Subscribe(conversation);
        _client.Connect();
        return _ready.Task;
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private void OnConnection(ConnectionChange change)
    {
        if (change.State == ConnectionState.Open)
        {
            if (Connects++ > 0) return;
            _openedAt = Stopwatch.GetTimestamp();
            ConnectTime = Stopwatch.GetElapsedTime(_beganAt, _openedAt);
        }
        else if (change.Code is { } code)
        {
            LastError = $"{code} {change.Reason}".TrimEnd();
        }
    }

    private void OnError(ClientError error)
    {
        LastError = $"{error.Code}: {error.Message}";
        // The client tries again, since others of its user may leave. Here they do not.
        if (error.Code == TooManyConnections) _ready.TrySetException(new SocketRefusedException(LastError));
    }

    private void OnSubscription(Guid conversation)
    {
        if (!_answered.Add(conversation) || _answered.Count < _watched.Count) return;
        SubscribeTime = Stopwatch.GetElapsedTime(_openedAt);
        _ready.TrySetResult();
    }

    private void OnStatus(StatusChange change)
    {
        if (_watched.TryGetValue(change.ConversationId, out var place))
            _ledger.Show(change.MessageId, place.Conversation, place.Slot, change.Status);
    }
}
