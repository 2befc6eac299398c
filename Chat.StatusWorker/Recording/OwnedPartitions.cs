using System.Collections.Concurrent;

namespace Chat.StatusWorker.Recording;

/// <summary>The partitions of <c>msg.status</c> that this worker has now.</summary>
public sealed class OwnedPartitions
{
    private readonly ConcurrentDictionary<int, bool> _owned = new();

    public IReadOnlyCollection<int> Now => [.. _owned.Keys.Order()];

    public void Add(int partition) => _owned[partition] = true;

    public void Remove(int partition) => _owned.TryRemove(partition, out _);
}
