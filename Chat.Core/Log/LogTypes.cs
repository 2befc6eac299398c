using System.Globalization;
using Chat.Core.Telemetry;

namespace Chat.Core.Log;

/// <summary>A partition of a topic.</summary>
public readonly record struct TopicPartition(string Topic, int Partition)
{
    public override string ToString() => $"{Topic}[{Partition}]";
}

/// <summary>An event's place in the log.</summary>
public readonly record struct EventPosition(int Partition, long Offset);

/// <summary>One header: a lower-case name (<see cref="HeaderNames"/>) and text.</summary>
public readonly record struct EventHeader(string Name, string Value);

/// <summary>An event to append.</summary>
/// <param name="Key">Decides the partition (<see cref="Murmur2Partitioner"/>): events of one key keep their order.</param>
/// <param name="Value">UTF-8 JSON. Not copied: leave it alone until the append is acknowledged.</param>
public sealed record NewEvent(string Topic, string Key, ReadOnlyMemory<byte> Value, IReadOnlyList<EventHeader>? Headers = null);

/// <summary>An event as the log holds it.</summary>
/// <param name="Key">Null where a foreign producer gave none.</param>
/// <param name="AppendedAt">When the log took it, UTC; the same at every redelivery.</param>
public sealed record LogEvent(
    long Offset,
    string? Key,
    ReadOnlyMemory<byte> Value,
    DateTimeOffset AppendedAt,
    IReadOnlyList<EventHeader> Headers)
{
    /// <summary>The value of a header, or null.</summary>
    public string? Header(string name)
    {
        foreach (var header in Headers)
        {
            if (header.Name == name) return header.Value;
        }
        return null;
    }

    /// <summary>The trace that its producer wrote along; null where it wrote none that can be read.</summary>
    public string? TraceParent => TraceContext.Read(Header(HeaderNames.TraceParent));

    /// <summary>
    /// What to append the event again with: its headers as they are, but for a trace that can't be read, which no one would use.
    /// </summary>
    public IEnumerable<EventHeader> PassedOnHeaders =>
        Headers.Where(h => h.Name != HeaderNames.TraceParent || TraceContext.Read(h.Value) is not null);
}

/// <summary>A topic as it is now.</summary>
/// <param name="Incarnation">
/// Names this life of the topic: another value once the topic was deleted and created again, whose offsets start again.
/// </param>
public sealed record TopicDescription(string Topic, int Partitions, string Incarnation)
{
    /// <summary>The partition of a key.</summary>
    public int PartitionOf(string key) => Murmur2Partitioner.PartitionOf(key, Partitions);

    /// <summary>What an epoch of <see cref="SequenceNumber"/> is claimed for: offsets mean something else as soon as it changes.</summary>
    public string Identity => $"{Topic}/{Incarnation}/{Partitions}";

    /// <summary>The name to claim an epoch under that comes after another one, whatever that was claimed for.</summary>
    public string IdentityAfter(int epoch) => $"{Identity}+{epoch}";

    /// <summary>Whether an epoch was claimed for the topic as it is described here.</summary>
    public bool Matches(string identity) => identity == Identity || identity.StartsWith(Identity + '+', StringComparison.Ordinal);

    /// <summary>Whether an epoch was claimed for this making of the topic, with however many partitions.</summary>
    public bool IsSameIncarnationAs(string identity) => identity.StartsWith($"{Topic}/{Incarnation}/", StringComparison.Ordinal);

    /// <summary>
    /// Whether an epoch was claimed for this incarnation of the topic with more partitions: partitions are never taken away, so this
    /// description is of before.
    /// </summary>
    public bool IsOutgrownBy(string identity)
    {
        var incarnation = $"{Topic}/{Incarnation}/";
        return identity.StartsWith(incarnation, StringComparison.Ordinal)
            && int.TryParse(
                identity[incarnation.Length..].Split('+')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var partitions)
            && partitions > Partitions;
    }
}

/// <summary>Who consumes what: members of one group share the partitions of the topic.</summary>
public sealed record ConsumerGroup(string Group, string Topic)
{
    /// <summary>The group of the routers, unless <see cref="RouterWorkerSetting"/> names another.</summary>
    public const string RouterWorker = "router-worker";

    /// <summary>The setting that names the routers' group.</summary>
    public const string RouterWorkerSetting = "RouterWorker:Group";

    /// <summary>The group of the status workers, unless <see cref="StatusWorkerSetting"/> names another.</summary>
    public const string StatusWorker = "status-worker";

    /// <summary>The setting that names the status workers' group.</summary>
    public const string StatusWorkerSetting = "StatusWorker:Group";

    /// <summary>The group of a channel's connectors.</summary>
    public static ConsumerGroup OfConnectors(string channel) => new($"connector-{channel}", Topics.Outbound(channel));

    /// <summary>The group of those who read a channel's webhooks.</summary>
    public static ConsumerGroup OfWebhooks(string channel) => new($"webhooks-{channel}", Topics.Webhooks(channel));

    /// <summary>The group of those who take a channel's inbound messages to <see cref="Topics.Messages"/>.</summary>
    public static ConsumerGroup OfInbound(string channel) => new($"inbound-{channel}", Topics.Inbound(channel));
}
