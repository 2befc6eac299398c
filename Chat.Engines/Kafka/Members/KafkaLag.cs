using System.Collections.Concurrent;
using System.Text.Json;
using Chat.Core.Log;
using Chat.Core.Telemetry;

namespace Chat.Engines.Kafka.Members;

/// <summary>
/// How many events of each partition a group has not committed yet, for the partitions that this member has, from librdkafka's
/// statistics.
/// </summary>
internal sealed class KafkaLag : IDisposable
{
    private readonly ConcurrentDictionary<int, long> _lags = new();
    private readonly ConsumerGroup _group;
    private readonly IDisposable _report;

    public KafkaLag(ConsumerGroup group)
    {
        _group = group;
        _report = ConsumerLag.Report(() => _lags.Select(lag => new PartitionLag(group.Group, group.Topic, lag.Key, lag.Value)));
    }

    /// <summary>Reads the lag of the partitions that are ours from librdkafka's statistics.</summary>
    public void Update(JsonElement statistics, Func<int, bool> isOurs)
    {
        if (!statistics.TryGetProperty("topics", out var topics)
            || !topics.TryGetProperty(_group.Topic, out var topic)
            || !topic.TryGetProperty("partitions", out var partitions))
            return;
        foreach (var member in partitions.EnumerateObject())
        {
            var partition = member.Value;
            if (partition.GetProperty("partition").GetInt32() is not (>= 0 and var number) || !isOurs(number)) continue;
            if (LagOf(partition) is { } lag) _lags[number] = lag;
        }
    }

    public void Remove(int partition) => _lags.TryRemove(partition, out _);

    public void Dispose() => _report.Dispose();

    // librdkafka says nothing (-1) as long as the group has committed nothing: all there is lags then.
    private static long? LagOf(JsonElement partition)
    {
        if (Read(partition, "consumer_lag") is { } lag) return lag;
        var low = Read(partition, "lo_offset");
        var high = Read(partition, "hi_offset");
        return high is { } end && low is { } start ? end - start : null;
    }

    private static long? Read(JsonElement partition, string name) =>
        partition.TryGetProperty(name, out var value) && value.GetInt64() is >= 0 and var number ? number : null;
}
