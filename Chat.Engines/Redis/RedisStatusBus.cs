using System.Collections.Concurrent;
using Chat.Core.Bus;
using Chat.Engines.Redis.Subscriber;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.Engines.Redis;

/// <summary>The status bus on Redis Pub/Sub: one subscription per watched conversation, however many watch it here.</summary>
internal sealed partial class RedisStatusBus : IStatusBus, IAsyncDisposable
{
    private readonly IConnectionMultiplexer _connection;
    private readonly ISubscriber _publisher;
    private readonly IRedisSubscriber _subscriber;
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<RedisStatusBus> _logger;
    private readonly ConcurrentDictionary<Guid, ChannelWatch> _watches = new();
    // One for all watches.
    private readonly Action<Exception> _handlerFailed;

    public RedisStatusBus(
        IConnectionMultiplexer connection,
        RedisSecurity security,
        IOptions<RedisOptions> options,
        TimeProvider time,
        ILogger<RedisStatusBus> logger)
    {
        (_connection, _publisher, _options, _time, _logger) = (connection, connection.GetSubscriber(), options.Value, time, logger);
        _handlerFailed = LogHandlerFailed;
        _subscriber = CreateSubscriber(security);
        _subscriber.Lost += LogLost;
        _subscriber.Restored += OnRestored;
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
            published[i] = _publisher.PublishAsync(ChannelOf(messages[i].ConversationId), messages[i].Payload);
        await Task.WhenAll(published).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IAsyncDisposable> SubscribeAsync(
        Guid conversationId, IBusListener listener, CancellationToken cancellationToken)
    {
        while (true)
        {
            var watch = _watches.GetOrAdd(conversationId, id => new ChannelWatch(id, _subscriber, _handlerFailed));
            try
            {
                var subscription = new ChannelSubscription(watch, _watches, listener);
                if (await watch.TryAddAsync(subscription, cancellationToken).ConfigureAwait(false)) return subscription;
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
        _subscriber.Lost -= LogLost;
        _subscriber.Restored -= OnRestored;
        _subscriber.Dispose();
        // Before the container does it, which would send QUIT first and wait for the answer of a server that hangs.
        await _connection.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
    }

    private IRedisSubscriber CreateSubscriber(RedisSecurity security)
    {
        // Neither a cluster's slots nor a way through a proxy are known to anybody but the driver.
        if (_options.ShardedPubSub || security.Connection.Tunnel is not null)
            return new DriverSubscriber(_connection, ChannelOf, FindWatch, () => _watches.Values, _options.RetryPause, _time);
        var names = new ChannelNames(security.Connection.ChannelPrefix + _options.ChannelPrefix);
        return new OwnSubscriber(_options.SubscriberConnections, new(_connection, security), names, FindWatch, _time, _logger);
    }

    private ChannelWatch? FindWatch(Guid conversationId) => _watches.GetValueOrDefault(conversationId);

    private RedisChannel ChannelOf(Guid conversationId)
    {
        var name = _options.ChannelPrefix + StatusChannel.For(conversationId);
        // In a cluster both kinds go by the channel's slot: two payloads by different nodes could overtake each other.
        return _options.ShardedPubSub ? RedisChannel.Sharded(name) : RedisChannel.Literal(name).WithKeyRouting();
    }

    private void OnRestored()
    {
        LogRestored(_watches.Count);
        try
        {
            Restored?.Invoke();
        }
#pragma warning disable CA1031 // A handler's failure is its own.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _handlerFailed(exception);
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
    private partial void LogLost(string failure);

    [LoggerMessage(
        EventId = LogEvents.ConnectionRestored,
        Level = LogLevel.Information,
        Message = "The Redis connection that receives statuses is back, subscribed to {Count} conversations")]
    private partial void LogRestored(int count);

    [LoggerMessage(EventId = LogEvents.HandlerFailed, Level = LogLevel.Error, Message = "Handling a payload from Redis failed")]
    private partial void LogHandlerFailed(Exception exception);
}
