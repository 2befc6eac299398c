namespace Chat.Engines.Redis;

/// <summary>
/// Subscriptions at the server: by connections of our own, or by the driver's. Payloads go to the watch of their conversation, those of one
/// conversation in their order and one at a time.
/// </summary>
internal interface IRedisSubscriber : IDisposable
{
    /// <summary>Subscribes to a channel that is not subscribed to; completes once the server has confirmed it.</summary>
    /// <exception cref="StackExchange.Redis.RedisException">It could not be subscribed to.</exception>
    Task SubscribeAsync(Guid conversationId);

    /// <summary>Ends the channel's subscription; the server is told, and its answer not waited for.</summary>
    void Unsubscribe(Guid conversationId);

    /// <summary>A connection was lost; says how. Followed by <see cref="Restored"/>.</summary>
    event Action<string>? Lost;

    /// <summary>A connection was lost, and all subscriptions stand again.</summary>
    event Action? Restored;
}
