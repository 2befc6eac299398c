namespace Chat.Core.Log;

/// <summary>A topic as it is now, and the epoch that its events are numbered by for as long as it stays so.</summary>
public sealed record NumberedTopic(TopicDescription Description, int Epoch)
{
    /// <summary>The number of the event at an offset; see <see cref="SequenceNumber"/>.</summary>
    public long SeqAt(long offset) => SequenceNumber.Create(Epoch, offset);

    /// <summary>Whether events of a key belong into a partition.</summary>
    public bool IsHome(string key, int partition) => Description.PartitionOf(key) == partition;

    /// <summary>
    /// The number of an event among all of its key. What lies outside its key's partition was appended before the topic had as many
    /// partitions as now: it comes before everything that the partition of now has.
    /// </summary>
    public long PositionOf(string key, int partition, long offset) =>
        // 0 is no position: the very first offset of before the first epoch is the one that it could hit.
        Math.Max(1, SequenceNumber.Create(IsHome(key, partition) ? Epoch : Epoch - 1, offset));
}
