using Microsoft.Extensions.Logging;

namespace Chat.Engines.Redis.Subscriber;

/// <summary>Subscriptions over connections of our own: a conversation's always over the same one, which keeps its order.</summary>
internal sealed class OwnSubscriber : IRedisSubscriber
{
    private readonly SubscriberConnection[] _connections;
    private int _away;

    /// <param name="find">The watch of a conversation; null where nobody watches it any more.</param>
    public OwnSubscriber(
        int connections, SubscriberDial dial, ChannelNames names, Func<Guid, ChannelWatch?> find, TimeProvider time, ILogger logger) =>
        _connections =
        [
            .. Enumerable.Range(0, connections)
                .Select(_ => new SubscriberConnection(dial, names, find, OnLost, OnRestored, Random.Shared, time, logger)),
        ];

    public event Action<string>? Lost;

    public event Action? Restored;

    public Task SubscribeAsync(Guid conversationId) => ConnectionOf(conversationId).SubscribeAsync(conversationId);

    public void Unsubscribe(Guid conversationId) => ConnectionOf(conversationId).Unsubscribe(conversationId);

    public void Dispose()
    {
        foreach (var connection in _connections) connection.Dispose();
    }

    private SubscriberConnection ConnectionOf(Guid conversationId) =>
        _connections[(uint)conversationId.GetHashCode() % (uint)_connections.Length];

    // What one loss cuts off comes back together: it is told once.
    private void OnLost(string reason)
    {
        if (Interlocked.Increment(ref _away) == 1) Lost?.Invoke(reason);
    }

    private void OnRestored()
    {
        if (Interlocked.Decrement(ref _away) == 0) Restored?.Invoke();
    }
}
