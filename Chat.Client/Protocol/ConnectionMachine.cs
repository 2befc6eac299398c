namespace Chat.Client.Protocol;

/// <summary>The connection: attempts and the waits between them, pings, and the token.</summary>
internal sealed class ConnectionMachine(
    ClientProtocolOptions options,
    bool tokenIsRenewable,
    Random random,
    Action<ClientEffect> emit,
    Func<IEnumerable<string>> subscriptions)
{
    private enum Phase
    {
        Stopped,
        FetchingToken,
        OpeningSocket,
        Open,
        Waiting,
    }

    // In the order in which they are looked at where several are due.
    private enum Deadline
    {
        Connect,
        Stable,
        Pong,
        Ping,
        Refresh,
        Retry,
    }

    // A timer that fires so much too late says that the process stood still, and that what it waited for may just not be read
    // yet.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(1);

    // A proxy on the way may ask for a year.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan RefreshBefore = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RefreshAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    private readonly TimeSpan?[] _due = new TimeSpan?[Enum.GetValues<Deadline>().Length];
    private Phase _phase;
    private int _failures;
    private TimeSpan? _refusedSince;
    private string? _token;
    private DateTimeOffset? _tokenEnds;

    // What the server's clock showed, and when: the token ends by that clock, however wrong this machine's is.
    private (DateTimeOffset Time, TimeSpan Seen)? _serverClock;

    public ConnectionState State { get; private set; }

    public int Attempt { get; private set; }

    public bool IsOpen => _phase == Phase.Open;

    public TimeSpan? NextDue
    {
        get
        {
            TimeSpan? next = null;
            foreach (var due in _due)
            {
                if (next is null || due < next) next = due ?? next;
            }
            return next;
        }
    }

    public void Connect()
    {
        if (_phase == Phase.Waiting) Begin(ConnectionState.Reconnecting);
        if (_phase != Phase.Stopped) return;
        (_failures, _refusedSince) = (0, null);
        Begin(ConnectionState.Connecting);
    }

    public void Disconnect() => Stop(CloseCodes.Normal, "disconnect");

    public void TokenFetched(int attempt, string token, DateTimeOffset? expiresAt, TimeSpan now)
    {
        if (attempt != Attempt) return;
        if (_phase == Phase.FetchingToken)
        {
            (_token, _tokenEnds) = (token, expiresAt);
            _phase = Phase.OpeningSocket;
            Set(Deadline.Connect, now + options.ConnectTimeout);
            emit(new ClientEffect.OpenSocket(attempt, token));
        }
        else if (_phase == Phase.Open && token == _token)
        {
            Set(Deadline.Refresh, now + RefreshAgain);
        }
        else if (_phase == Phase.Open)
        {
            (_token, _tokenEnds) = (token, expiresAt);
            Send(ClientFrames.Auth(token));
            PlanRefresh(now);
        }
    }

    public void TokenFailed(int attempt, string why, TimeSpan now)
    {
        if (attempt != Attempt || _phase is not (Phase.FetchingToken or Phase.Open)) return;
        emit(new ClientEffect.Raise(new ClientError("token", $"No token: {why}", Retryable: true)));
        if (_phase == Phase.Open) Set(Deadline.Refresh, now + RefreshAgain);
        else Retry(null, "no token", now);
    }

    public bool Opened(int attempt, TimeSpan now)
    {
        if (attempt != Attempt || _phase != Phase.OpeningSocket) return false;
        _phase = Phase.Open;
        _refusedSince = null;
        Set(Deadline.Connect, null);
        Set(Deadline.Stable, now + options.StableAfter);
        Set(Deadline.Ping, now + options.PingInterval);
        Change(ConnectionState.Open);
        foreach (var frame in subscriptions()) Send(frame);
        return true;
    }

    public void ConnectFailed(int attempt, int? status, string? reason, TimeSpan? retryAfter, TimeSpan now)
    {
        if (attempt != Attempt || _phase != Phase.OpeningSocket) return;
        switch (status)
        {
            case 401 or 403:
                _refusedSince ??= now;
                if (!tokenIsRenewable || now - _refusedSince >= options.RefusedTokenTimeout) Stop(status, "unauthorized");
                else Retry(status, "unauthorized", now, retryAfter);
                return;
            case 429:
                emit(new ClientEffect.Raise(new ClientError(
                    "too_many_connections", "The server has no place for one more connection of this user.", Retryable: true)));
                break;
        }
        Retry(status ?? CloseCodes.Broken, reason, now, retryAfter);
    }

    public void Closed(int attempt, int? code, string? reason, TimeSpan now)
    {
        if (attempt != Attempt || _phase is not (Phase.OpeningSocket or Phase.Open)) return;
        if (CloseCodes.IsFinal(code)) Stop(code, reason);
        else Retry(code ?? CloseCodes.Broken, reason, now);
    }

    public void FrameReceived(in ServerFrame frame, TimeSpan now)
    {
        Set(Deadline.Pong, null);
        switch (frame)
        {
            case { Type: ServerFrameType.Connected or ServerFrameType.Pong, Timestamp: { } time }:
                var isNews = ServerNow(now) is not { } expected || (time - expected).Duration() > ClockTolerance;
                _serverClock = (time, now);
                if (isNews) PlanRefresh(now);
                break;
            case { Type: ServerFrameType.Authenticated, ExpiresAt: { } end }:
                _tokenEnds = end;
                PlanRefresh(now);
                break;
        }
    }

    public void Tick(TimeSpan now)
    {
        for (var deadline = Deadline.Connect; deadline <= Deadline.Retry; deadline++)
        {
            if (_due[(int)deadline] is not { } due || due > now) continue;
            Set(deadline, null);
            Fire(deadline, now, isLate: now - due > Late);
        }
    }

    public void Send(string frame)
    {
        if (IsOpen) emit(new ClientEffect.SendFrame(frame));
    }

    private void Fire(Deadline deadline, TimeSpan now, bool isLate)
    {
        switch (deadline)
        {
            case Deadline.Connect:
                Retry(CloseCodes.Broken, "the server did not answer in time", now);
                break;
            case Deadline.Stable:
                _failures = 0;
                break;
            case Deadline.Pong when isLate:
                Ping(now);
                break;
            case Deadline.Pong:
                Retry(CloseCodes.Broken, "no answer to a ping", now);
                break;
            case Deadline.Ping:
                Set(Deadline.Ping, now + options.PingInterval);
                if (_due[(int)Deadline.Pong] is null) Ping(now);
                break;
            case Deadline.Refresh:
                emit(new ClientEffect.FetchToken(Attempt));
                break;
            case Deadline.Retry:
                // It slept: how long tokens have been refused says nothing any more.
                if (isLate) _refusedSince = null;
                Begin(ConnectionState.Reconnecting);
                break;
        }
    }

    private void Ping(TimeSpan now)
    {
        Set(Deadline.Pong, now + options.PongTimeout);
        Send(ClientFrames.Ping);
    }

    private void Begin(ConnectionState state)
    {
        Attempt++; // whatever an earlier attempt still has under way finds another number
        Array.Clear(_due);
        _phase = Phase.FetchingToken;
        _serverClock = null;
        Change(state);
        emit(new ClientEffect.FetchToken(Attempt));
    }

    private void Retry(int? code, string? reason, TimeSpan now, TimeSpan? retryAfter = null)
    {
        End(null);
        _phase = Phase.Waiting;
        var asked = retryAfter ?? TimeSpan.Zero;
        if (asked > LongestRetryAfter) asked = LongestRetryAfter;
        var delay = asked + Backoff.NextDelay(_failures++, options, random);
        Set(Deadline.Retry, now + delay);
        Change(ConnectionState.Reconnecting, delay, code, reason);
    }

    private void Stop(int? code, string? reason)
    {
        if (_phase == Phase.Stopped) return;
        End(CloseCodes.Normal);
        _phase = Phase.Stopped;
        Change(ConnectionState.Closed, null, code, reason);
    }

    private void End(int? closeCode)
    {
        Array.Clear(_due);
        emit(new ClientEffect.EndAttempt(Attempt++, closeCode));
    }

    private void Change(ConnectionState state, TimeSpan? delay = null, int? code = null, string? reason = null)
    {
        State = state;
        emit(new ClientEffect.Raise(new ConnectionChange(state, _failures, delay, code, reason)));
    }

    private DateTimeOffset? ServerNow(TimeSpan now) => _serverClock is { } clock ? clock.Time + (now - clock.Seen) : null;

    /// <summary>A fresh token is fetched and sent before the old one ends, so that the server has no reason to close.</summary>
    private void PlanRefresh(TimeSpan now)
    {
        if (!tokenIsRenewable || !IsOpen || _tokenEnds - ServerNow(now) is not { } life) return;
        var before = life * 0.2 < RefreshBefore ? life * 0.2 : RefreshBefore;
        var wait = life - before;
        Set(Deadline.Refresh, now + (wait > ClockTolerance ? wait : TimeSpan.FromSeconds(1)));
    }

    private void Set(Deadline deadline, TimeSpan? due) => _due[(int)deadline] = due;
}
