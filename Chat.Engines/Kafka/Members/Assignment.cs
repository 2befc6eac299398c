using System.Diagnostics.CodeAnalysis;
using Chat.Core.Log;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Kafka.Members;

/// <summary>
/// The partitions that belong to this member: begins each that is assigned, and ends it before another member gets it. For the
/// polling thread alone.
/// </summary>
/// <param name="begin">Begins a partition's processing, once another of this process that did not stop in time has ended.</param>
/// <param name="stopTimeout">How long a revocation waits for processing to stop.</param>
internal sealed partial class Assignment(
    ConsumerGroup group,
    Func<int, Task, KafkaPartition> begin,
    GroupConsumer consumer,
    TopicWatch watch,
    KafkaLag lag,
    LossWatch loss,
    TimeSpan stopTimeout,
    ILogger logger) : IRebalanceListener
{
    private readonly Dictionary<int, KafkaPartition> _partitions = [];

    // Processing that did not stop in time when its partition went away.
    private readonly Dictionary<int, Task> _leftovers = [];

    public IReadOnlyCollection<KafkaPartition> Partitions => _partitions.Values;

    public bool Has(int partition) => _partitions.ContainsKey(partition);

    public bool TryGet(int number, [NotNullWhen(true)] out KafkaPartition? partition) => _partitions.TryGetValue(number, out partition);

    /// <summary>Whether a partition belongs to this member still, in this very assignment.</summary>
    public bool IsCurrent(KafkaPartition partition) => TryGet(partition.Number, out var current) && current == partition;

    public void OnAssigned(IReadOnlyList<int> partitions)
    {
        if (partitions.Count == 0) return;
        // They may have moved because there are more of them.
        watch.CheckSoon();
        loss.Assigned(partitions);
        foreach (var number in partitions)
            _partitions[number] = begin(number, _leftovers.Remove(number, out var leftover) ? leftover : Task.CompletedTask);
        LogAssigned(group.Group, group.Topic, partitions);
    }

    public void OnRevoked(IReadOnlyList<int> partitions) => Revoke(Find(partitions), stopTimeout);

    public void OnLost(IReadOnlyList<int> partitions)
    {
        // Another member has them by now: nothing to wait for, nothing to commit.
        foreach (var partition in Find(partitions))
        {
            partition.StopCommits();
            partition.Cancel();
            Remove(partition);
        }
        LogLost(group.Group, group.Topic, partitions);
    }

    /// <param name="within">How long this waits for processing to stop.</param>
    public void RevokeAll(TimeSpan within) => Revoke([.. _partitions.Values], within);

    /// <summary>Offsets of another incarnation of the topic say nothing about this one: the group starts at its earliest event.</summary>
    public void ForgetOffsets()
    {
        KafkaPartition[] partitions = [.. _partitions.Values];
        foreach (var partition in partitions) partition.StopCommits();
        Stop(partitions, stopTimeout);
        foreach (var partition in partitions) consumer.StoreOffset(partition.Number, 0);
        consumer.Commit(partitions.Select(p => (p.Number, 0L)));
    }

    private void Revoke(KafkaPartition[] partitions, TimeSpan within)
    {
        if (partitions.Length == 0) return;
        Stop(partitions, within);
        consumer.Commit(partitions.Select(p => (p.Number, NextOffset: p.StopCommits())).Where(o => o.NextOffset >= 0).ToArray());
        foreach (var partition in partitions) Remove(partition);
        int[] numbers = [.. partitions.Select(p => p.Number)];
        loss.Revoked(numbers);
        LogRevoked(group.Group, group.Topic, numbers);
    }

    private void Stop(KafkaPartition[] partitions, TimeSpan within)
    {
        foreach (var partition in partitions) partition.Cancel();
        if (Task.WhenAll(partitions.Select(p => p.Ended)).Wait(within)) return;
        LogNotStopped(group.Topic, partitions.Where(p => !p.Ended.IsCompleted).Select(p => p.Number), within);
    }

    private KafkaPartition[] Find(IEnumerable<int> numbers) =>
        [.. numbers.Select(n => _partitions.GetValueOrDefault(n)).OfType<KafkaPartition>()];

    private void Remove(KafkaPartition partition)
    {
        // The client keeps a pause through rebalances: a partition that comes back would never be fetched from.
        if (partition.Paused) consumer.Resume(partition.Number);
        _partitions.Remove(partition.Number);
        lag.Remove(partition.Number);
        if (!partition.Ended.IsCompleted) _leftovers[partition.Number] = partition.Ended;
    }

    [LoggerMessage(
        EventId = LogEvents.PartitionsAssigned,
        Level = LogLevel.Information,
        Message = "Group {Group}, topic {Topic}: this member was assigned partitions {Partitions}")]
    private partial void LogAssigned(string group, string topic, IEnumerable<int> partitions);

    [LoggerMessage(
        EventId = LogEvents.PartitionsRevoked,
        Level = LogLevel.Information,
        Message = "Group {Group}, topic {Topic}: this member gave up partitions {Partitions}")]
    private partial void LogRevoked(string group, string topic, IEnumerable<int> partitions);

    [LoggerMessage(
        EventId = LogEvents.PartitionsLost,
        Level = LogLevel.Warning,
        Message = "Group {Group}, topic {Topic}: this member lost partitions {Partitions}; what it did not commit is processed again")]
    private partial void LogLost(string group, string topic, IEnumerable<int> partitions);

    [LoggerMessage(
        EventId = LogEvents.ProcessingNotStopped,
        Level = LogLevel.Error,
        Message = "Topic {Topic}: processing of partitions {Partitions} did not stop within {Timeout}; they are reassigned all the same")]
    private partial void LogNotStopped(string topic, IEnumerable<int> partitions, TimeSpan timeout);
}
