using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Chat.Core.Telemetry;

/// <summary>How far a group is behind the end of a partition; in events.</summary>
public readonly record struct PartitionLag(string Group, string Topic, int Partition, long Events);

/// <summary>The gauge <c>chat.consumer.lag</c>, by group and partition, of every engine that reports.</summary>
public static class ConsumerLag
{
    private static readonly ConcurrentDictionary<object, Func<IEnumerable<PartitionLag>>> Sources = new();

    static ConsumerLag() => ChatTelemetry.Meter.CreateObservableGauge(
        "chat.consumer.lag", Observe, "{event}", "Events of a partition that a consumer group has not committed yet.");

    /// <summary>Reports until disposed.</summary>
    /// <param name="observe">Asked at each collection, on any thread.</param>
    public static IDisposable Report(Func<IEnumerable<PartitionLag>> observe)
    {
        var registration = new Registration();
        Sources[registration] = observe;
        return registration;
    }

    private static IEnumerable<Measurement<long>> Observe() => Sources.Values.SelectMany(observe => observe()).Select(Measure);

    private static Measurement<long> Measure(PartitionLag lag) => new(
        lag.Events,
        new("messaging.consumer.group.name", lag.Group),
        new("messaging.destination.name", lag.Topic),
        new("messaging.destination.partition.id", lag.Partition.ToString()));

    private sealed class Registration : IDisposable
    {
        public void Dispose() => Sources.TryRemove(this, out _);
    }
}
