using System.Buffers.Text;
using System.Collections.Concurrent;
using Chat.Core.Bus;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Engines.Redis;

/// <summary>The status bus on Redis Pub/Sub: one subscription per watched conversation, however many watch it here.</summary>
internal sealed partial class RedisStatusBus : IStatusBus, IAsyncDisposable
{
    private const int IdLength = 36;

    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    private readonly IConnectionMultiplexer _connection;
    private readonly ISubscriber _subscriber;
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RedisStatusBus> _logger;
    private readonly ConcurrentDictionary<Guid, ChannelWatch> _watches = new();
    // Of each, one thread at a time hands payloads on: as many as can do so at once.
    private readonly SharedQueue[] _queues;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _pinging;
    // One for all watches.
    private readonly Action<Exception> _handlerFailed;
    private int _lost;
    private int _restoring;
    private int _restored;

    public RedisStatusBus(
        IConnectionMultiplexer connection, IOptions<RedisOptions> options, TimeProvider time, ILogger<RedisStatusBus> logger)
    {
        _connection = connection;
        _subscriber = connection.GetSubscriber();
        _options = options.Value;
        _time = time;
        _logger = logger;
        _handlerFailed = LogHandlerFailed;
        _queues = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new SharedQueue(_subscriber, FindWatch))];
        foreach (var queue in _queues) queue.Start();
        _connection.ConnectionFailed += OnConnectionFailed;
        _pinging = PingAsync();
    }

    public event Action? Restored;

    public string MessagingSystem => "redis";

    public async ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0) return;
        cancellationToken.ThrowIfCancellationRequested();
        // All are sent before the first is answered, on one connection, which keeps their order.
        var published = new Task[messages.Count];
        for (var i = 0; i < published.Length; i++)
            published[i] = _subscriber.PublishAsync(ChannelOf(messages[i].ConversationId), messages[i].Payload);
        await Task.WhenAll(published).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IAsyncDisposable> SubscribeAsync(
        Guid conversationId, Action<ReadOnlyMemory<byte>> handler, CancellationToken cancellationToken) =>
        SubscribeAsync(conversationId, new Listener(handler, settled: null), cancellationToken);

    public ValueTask<IAsyncDisposable> SubscribeAsync(
        Guid conversationId, Action<ReadOnlyMemory<byte>> handler, Action settled, CancellationToken cancellationToken) =>
        SubscribeAsync(conversationId, new Listener(handler, settled), cancellationToken);

    private async ValueTask<IAsyncDisposable> SubscribeAsync(
        Guid conversationId, Listener listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            var watch = _watches.GetOrAdd(conversationId, id => new ChannelWatch(ChannelOf(id), QueueOf(id), _handlerFailed));
            try
            {
                if (await watch.TryAddAsync(listener, cancellationToken).ConfigureAwait(false))
                    return new Subscription(this, conversationId, watch, listener);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                LogSubscribeFailed(conversationId, exception.Message, _options.RetryPause);
                await Task.Delay(_options.RetryPause, _time, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                // Another takes its place.
                if (watch.IsOver) _watches.TryRemove(new(conversationId, watch));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connection.ConnectionFailed -= OnConnectionFailed;
        await _stopping.CancelAsync().ConfigureAwait(false);
        // Before the container does it, which would send QUIT first and wait for the answer of a server that hangs.
        await _connection.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        await _pinging.ConfigureAwait(false);
        foreach (var queue in _queues) queue.Dispose();
    }

    // A conversation's payloads always go through the same one, which keeps their order.
    private SharedQueue QueueOf(Guid conversationId) => _queues[(uint)conversationId.GetHashCode() % (uint)_queues.Length];

    private ChannelWatch? FindWatch(RedisChannel channel)
    {
        // Its end is the conversation's id, whatever the prefix.
        ReadOnlySpan<byte> name = (byte[]?)channel;
        return name.Length >= IdLength && Utf8Parser.TryParse(name[^IdLength..], out Guid id, out _, 'D')
            ? _watches.GetValueOrDefault(id)
            : null;
    }

    private RedisChannel ChannelOf(Guid conversationId)
    {
        var name = _options.ChannelPrefix + StatusChannel.For(conversationId);
        // In a cluster both kinds go by the channel's slot: two payloads by different nodes could overtake each other.
        return _options.ShardedPubSub ? RedisChannel.Sharded(name) : RedisChannel.Literal(name).WithKeyRouting();
    }

    private void OnConnectionFailed(object? sender, ConnectionFailedEventArgs failure)
    {
        // The other connection only publishes.
        if (failure.ConnectionType == ConnectionType.Subscription) Lose(failure.FailureType);
    }

    private void Lose(ConnectionFailureType failure)
    {
        LogLost(failure);
        Interlocked.Exchange(ref _lost, 1);
        if (Interlocked.Exchange(ref _restoring, 1) == 0) _ = RestoreAsync();
    }

    // A connection that falls silent is replaced by the driver (3.4) after some 20 s, without a word.
    private async Task PingAsync()
    {
        using var timer = new PeriodicTimer(PingInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                // The driver tells of one that it knows to be lost.
                if (!_subscriber.IsConnected()) continue;
                var restored = Volatile.Read(ref _restored);
                try
                {
                    await _subscriber.PingAsync().WaitAsync(_stopping.Token).ConfigureAwait(false);
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
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
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
                LogRestored(_watches.Count);
                Restored?.Invoke();
                Interlocked.Exchange(ref _restoring, 0);
            }
            // A loss between the last look and the line above has started no other restoring.
            while (Volatile.Read(ref _lost) == 1 && Interlocked.Exchange(ref _restoring, 1) == 0);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }

    // The driver subscribes again by itself; when it is done, each channel has a server.
    private async Task UntilSubscribedAsync()
    {
        for (var pause = TimeSpan.FromMilliseconds(20); ; pause = pause < _options.RetryPause ? pause * 2 : _options.RetryPause)
        {
            try
            {
                await _subscriber.PingAsync().ConfigureAwait(false);
                if (_watches.Values.All(w => !w.IsSubscribed || _subscriber.SubscribedEndpoint(w.Channel) is not null)) return;
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // Still away.
            }
            await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(false);
        }
    }

    private sealed class Subscription(RedisStatusBus bus, Guid conversationId, ChannelWatch watch, Listener listener) : IAsyncDisposable
    {
        private int _disposed;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
            if (await watch.RemoveAsync(listener).ConfigureAwait(false)) bus._watches.TryRemove(new(conversationId, watch));
        }
    }

    [LoggerMessage(
        EventId = LogEvents.SubscribeFailed,
        Level = LogLevel.Warning,
        Message = "Could not subscribe to conversation {Conversation} ({Reason}); next try in {Pause}")]
    private partial void LogSubscribeFailed(Guid conversation, string reason, TimeSpan pause);

    [LoggerMessage(
        EventId = LogEvents.ConnectionLost,
        Level = LogLevel.Warning,
        Message = "Lost the Redis connection that receives statuses ({Failure}); they are read from the store once it is back")]
    private partial void LogLost(ConnectionFailureType failure);

    [LoggerMessage(
        EventId = LogEvents.ConnectionRestored,
        Level = LogLevel.Information,
        Message = "The Redis connection that receives statuses is back, subscribed to {Count} conversations")]
    private partial void LogRestored(int count);

    [LoggerMessage(EventId = LogEvents.HandlerFailed, Level = LogLevel.Error, Message = "Handling a payload from Redis failed")]
    private partial void LogHandlerFailed(Exception exception);
}
