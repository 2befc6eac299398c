using System.Diagnostics;
using Chat.Core.Statuses;
using Chat.LoadTest.Pipeline;
using StackExchange.Redis;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>The floor's client: sees all that is published, and notes when SENT and READ of each message came.</summary>
internal sealed class FloorReads : IAsyncDisposable
{
    private readonly List<(long PostedAt, long At)> _sent = [];
    private readonly List<long> _read = [];
    private readonly Lock _gate = new();
    private ConnectionMultiplexer? _redis;

    /// <summary>How many messages were shown as READ.</summary>
    public long Count
    {
        get
        {
            lock (_gate) return _read.Count;
        }
    }

    public static async Task<FloorReads> SubscribeAsync(string redis)
    {
        var reads = new FloorReads { _redis = await ConnectionMultiplexer.ConnectAsync(redis) };
        await reads._redis.GetSubscriber().SubscribeAsync(
            FloorStatus.Everything, (_, payload) => reads.Take(FloorRecord.Read((byte[])payload!), Stopwatch.GetTimestamp()));
        return reads;
    }

    /// <param name="at">A timestamp of <see cref="Stopwatch"/>, as all others here.</param>
    public void Take(in FloorRecord record, long at)
    {
        lock (_gate)
        {
            if (record.Status == MessageStatus.Sent) _sent.Add((record.PostedAt, at));
            if (record.Status == MessageStatus.Read) _read.Add(at);
        }
    }

    /// <summary>From the post to SENT, of the messages that were posted between two timestamps.</summary>
    public Percentiles SentTimes(long from, long until)
    {
        lock (_gate)
        {
            return Percentiles.Of(_sent
                .Where(m => m.PostedAt >= from && m.PostedAt < until)
                .Select(m => Stopwatch.GetElapsedTime(m.PostedAt, m.At).TotalMilliseconds));
        }
    }

    /// <summary>How many messages were shown as READ in that time, whenever they were posted.</summary>
    public int CountRead(long from, long until)
    {
        lock (_gate) return _read.Count(at => at >= from && at < until);
    }

    public ValueTask DisposeAsync() => _redis?.DisposeAsync() ?? default;
}
