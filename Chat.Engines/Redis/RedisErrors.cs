using Chat.Core.Engines;
using StackExchange.Redis;

namespace Chat.Engines.Redis;

/// <summary>What the Redis client throws where the server is away or refuses; its timeouts are ordinary ones.</summary>
internal sealed class RedisErrors : IEngineErrors
{
    public bool IsFailure(Exception exception) => exception is RedisException or RedisCommandException or TimeoutException;
}
