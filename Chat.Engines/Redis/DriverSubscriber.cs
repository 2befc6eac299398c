using System.Buffers.Text;
using StackExchange.Redis;

namespace Chat.Engines.Redis;

/// <summary>
/// Subscriptions by the driver, for sharded channels: it knows which node of a cluster has a channel, and follows it when that changes.
/// </summary>
internal sealed class DriverSubscriber : IRedisSubscriber
{
    private const int IdLength = 36;

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    private readonly IConnectionMultiplexer _connection;
    private readonly ISubscriber _subscriber;
    private readonly Func<Guid, RedisChannel> _channelOf;
    private readonly Func<IEnumerable<ChannelWatch>> _watches;
    private readonly TimeSpan _longestPause;
    private readonly TimeProvider _time;
    // Of each, one thread at a time hands payloads on: as many as can do so at once.
    private readonly SharedQueue[] _queues;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;
    private int _lost;
    private int _restoring;
    private int _restored;

    /// <param name="find">The watch of a conversation; null where nobody watches it any more.</param>
    /// <param name="watches">All of them.</param>
    /// <param name="longestPause">Between two looks whether all subscriptions stand again.</param>
    public DriverSubscriber(
        IConnectionMultiplexer connection,
        Func<Guid, RedisChannel> channelOf,
        Func<Guid, ChannelWatch?> find,
        Func<IEnumerable<ChannelWatch>> watches,
        TimeSpan longestPause,
        TimeProvider time)
    {
        (_connection, _subscriber, _channelOf) = (connection, connection.GetSubscriber(), channelOf);
        (_watches, _longestPause, _time) = (watches, longestPause, time);
        _stopped = _stopping.Token;
        _queues = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new SharedQueue(_subscriber, Find))];
        foreach (var queue in _queues) queue.Start();
        _connection.ConnectionFailed += OnConnectionFailed;
        _ = PingAsync();

        ChannelWatch? Find(RedisChannel channel)
        {
            // Its end is the conversation's id, whatever the prefix.
            ReadOnlySpan<byte> name = (byte[]?)channel;
            return name.Length >= IdLength && Utf8Parser.TryParse(name[^IdLength..], out Guid id, out _, 'D') ? find(id) : null;
        }
    }

    public event Action<string>? Lost;

    public event Action? Restored;

    public Task SubscribeAsync(Guid conversationId) => QueueOf(conversationId).SubscribeAsync(_channelOf(conversationId));

    public void Unsubscribe(Guid conversationId) => QueueOf(conversationId).Unsubscribe(_channelOf(conversationId));

    public void Dispose()
    {
        _connection.ConnectionFailed -= OnConnectionFailed;
        _stopping.Cancel();
        _stopping.Dispose();
        foreach (var queue in _queues) queue.Dispose();
    }

    // A conversation's payloads always go through the same one, which keeps their order.
    private SharedQueue QueueOf(Guid conversationId) => _queues[(uint)conversationId.GetHashCode() % (uint)_queues.Length];

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs failure)
    {
        // The other connection only publishes.
        if (failure.ConnectionType == ConnectionType.Subscription) Lose(failure.FailureType);
    }

    private void Lose(ConnectionFailureType failure)
    {
        Lost?.Invoke($"{failure}");
        Interlocked.Exchange(ref _lost, 1);
        if (Interlocked.Exchange(ref _restoring, 1) == 0) _ = RestoreAsync();
    }

    // A connection that falls silent is replaced by the driver (3.4) after some 20 s, without a word.
    private async Task PingAsync()
    {
        using var timer = new PeriodicTimer(PingInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopped).ConfigureAwait(false))
            {
                // The driver tells of one that it knows to be lost.
                if (!_subscriber.IsConnected()) continue;
                var restored = Volatile.Read(ref _restored);
                try
                {
                    await _subscriber.PingAsync().WaitAsync(_stopped).ConfigureAwait(false);
                }
                catch (TimeoutException)
                {
                    // Unless it was lost, or is back, meanwhile.
                    if (Volatile.Read(ref _restoring) == 0 && Volatile.Read(ref _restored) == restored)
                        Lose(ConnectionFailureType.SocketFailure);
                }
                catch (RedisException)
                {
                }
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
        }
    }

    private async Task RestoreAsync()
    {
        try
        {
            do
            {
                while (Interlocked.Exchange(ref _lost, 0) == 1) await UntilSubscribedAsync().ConfigureAwait(false);
                Interlocked.Increment(ref _restored);
                Restored?.Invoke();
                Interlocked.Exchange(ref _restoring, 0);
            }
            // A loss between the last look and the line above has started no other restoring.
            while (Volatile.Read(ref _lost) == 1 && Interlocked.Exchange(ref _restoring, 1) == 0);
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
        }
    }

    private bool HasServer(ChannelWatch watch) => _subscriber.SubscribedEndpoint(_channelOf(watch.ConversationId)) is not null;

    // The driver subscribes again by itself; when it is done, each channel has a server.
    private async Task UntilSubscribedAsync()
    {
        for (var pause = TimeSpan.FromMilliseconds(20); ; pause = pause < _longestPause ? pause * 2 : _longestPause)
        {
            try
            {
                await _subscriber.PingAsync().ConfigureAwait(false);
                if (_watches().All(w => !w.IsSubscribed || HasServer(w))) return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // Still away.
            }
            await Task.Delay(pause, _time, _stopped).ConfigureAwait(false);
        }
    }
}
