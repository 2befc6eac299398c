using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Chat.Core.Log;
using Chat.Core.Telemetry;

namespace Chat.Engines.Kafka;

/// <summary>
/// How many events of each partition a group has not committed yet, for the partitions that this member has: the gauge
/// <c>chat.consumer.lag</c>, from librdkafka's statistics.
/// </summary>
internal sealed class KafkaLag : IDisposable
{
    public const string Instrument = "chat.consumer.lag";

    private static readonly ConcurrentDictionary<KafkaLag, bool> Members = new();

    private readonly ConcurrentDictionary<int, long> _lags = new();
    private readonly ConsumerGroup _group;

    static KafkaLag() => ChatTelemetry.Meter.CreateObservableGauge(
        Instrument, Observe, "{event}", "Events of a partition that the group has not committed yet.");

    public KafkaLag(ConsumerGroup group)
    {
        _group = group;
        Members[this] = true;
    }

    /// <summary>Takes what librdkafka says about the partitions that are ours.</summary>
    public void Update(string statistics, Func<int, bool> isOurs)
    {
        using var json = JsonDocument.Parse(statistics);
        if (!json.RootElement.TryGetProperty("topics", out var topics)
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

    public void Dispose() => Members.TryRemove(this, out _);

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

    private static IEnumerable<Measurement<long>> Observe()
    {
        foreach (var member in Members.Keys)
        {
            foreach (var (partition, lag) in member._lags)
            {
                yield return new(
                    lag,
                    new KeyValuePair<string, object?>("messaging.consumer.group.name", member._group.Group),
                    new KeyValuePair<string, object?>("messaging.destination.name", member._group.Topic),
                    new KeyValuePair<string, object?>("messaging.destination.partition.id", partition.ToString()));
            }
        }
    }
}
