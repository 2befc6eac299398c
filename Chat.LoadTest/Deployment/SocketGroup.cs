namespace Chat.LoadTest.Deployment;

/// <summary>All sockets of a run.</summary>
internal sealed class SocketGroup : IAsyncDisposable
{
    // Handshakes under way at the same time.
    private const int Together = 50;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly SocketWatcher[] _watchers;
    private readonly TimeSpan _timeout;
    private int _ready;

    /// <param name="timeout">For a socket to be connected and subscribed; 30 s where null.</param>
    public SocketGroup(int count, WatchSetup setup, TimeSpan? timeout = null)
    {
        _watchers = [.. Enumerable.Range(0, count).Select(i => new SocketWatcher(i, setup))];
        _timeout = timeout ?? Timeout;
    }

    /// <summary>Those that are connected and subscribed.</summary>
    public int Ready => Volatile.Read(ref _ready);

    public long Reconnects => _watchers.Sum(w => (long)Math.Max(0, w.Connects - 1));

    public string? LastError => _watchers.Select(w => w.LastError).LastOrDefault(e => e is not null);

    public IReadOnlyList<SocketWatcher> Watchers => _watchers;

    /// <param name="ramp">Over how long they begin, evenly.</param>
    /// <exception cref="SetupException">Not all were connected and subscribed in time.</exception>
    public async Task ConnectAsync(TimeSpan ramp, bool isOneUser, CancellationToken cancellationToken)
    {
        using var room = new SemaphoreSlim(Together);
        // A first failure is the others' too: they need not be waited for.
        using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connecting = new List<Task>();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var started = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < _watchers.Length; i++)
        {
            while (TimeProvider.System.GetElapsedTime(started) < ramp * i / _watchers.Length && !failing.IsCancellationRequested)
                await timer.WaitForNextTickAsync(cancellationToken);
            if (failing.IsCancellationRequested) break;
            connecting.Add(ConnectAsync(_watchers[i], room, failing));
        }
        try
        {
            await Task.WhenAll(connecting);
        }
        catch (Exception exception) when (exception is TimeoutException or SocketRefusedException)
        {
            throw new SetupException(
                $"--connections: {Ready} of {_watchers.Length} sockets were connected and subscribed, the next ones not"
                + $"{(exception is TimeoutException ? $" within {_timeout.TotalSeconds:0.#} s" : "")}; the last error: "
                + $"{LastError?.TrimEnd('.') ?? "none was told"}. {Advice(isOneUser)}",
                exception);
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(_watchers.Select(w => w.DisposeAsync().AsTask()));

    private static string Advice(bool isOneUser) => isOneUser
        ? "All sockets are of the one user of --token, whose number Hub:MaxConnectionsPerUser limits: give --jwt-key instead, so that "
            + "each has a user of its own, or fewer --connections."
        : "Give fewer --connections, or a longer --ramp: Hub:HandshakesPerSecond limits what one address opens.";

    private async Task ConnectAsync(SocketWatcher watcher, SemaphoreSlim room, CancellationTokenSource failing)
    {
        await room.WaitAsync(failing.Token);
        try
        {
            // A turn may come with the failure of the one before.
            failing.Token.ThrowIfCancellationRequested();
            await watcher.ConnectAsync().WaitAsync(_timeout, failing.Token);
            Interlocked.Increment(ref _ready);
        }
        catch (Exception exception) when (exception is TimeoutException or SocketRefusedException)
        {
            await failing.CancelAsync();
            throw;
        }
        finally
        {
            room.Release();
        }
    }
}
