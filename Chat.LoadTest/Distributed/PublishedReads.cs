using System.Buffers.Text;
using StackExchange.Redis;

namespace Chat.LoadTest.Distributed;

/// <summary>Counts the messages whose READ was published, each once.</summary>
internal sealed class PublishedReads : IAsyncDisposable
{
    // {"type":"message.status","messageId":"…
    private const int MessageIdAt = 38;
    private const int GuidLength = 36;

    private readonly HashSet<Guid> _read = [];
    private readonly Lock _gate = new();
    private readonly ConnectionMultiplexer _redis;

    private PublishedReads(ConnectionMultiplexer redis) => _redis = redis;

    public int Count
    {
        get
        {
            lock (_gate) return _read.Count;
        }
    }

    public static async Task<PublishedReads> SubscribeAsync(string redis)
    {
        var reads = new PublishedReads(await ConnectionMultiplexer.ConnectAsync(redis));
        await reads._redis.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("status:*"), (_, payload) => reads.Take((byte[])payload!));
        return reads;
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();

    private void Take(ReadOnlySpan<byte> payload)
    {
        if (payload.IndexOf("\"status\":\"READ\""u8) < 0) return;
        if (!Utf8Parser.TryParse(payload.Slice(MessageIdAt, GuidLength), out Guid id, out _, 'D')) return;
        lock (_gate) _read.Add(id);
    }
}
