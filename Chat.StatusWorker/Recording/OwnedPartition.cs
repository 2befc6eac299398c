using Chat.Core.Log;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// A partition of <c>msg.status</c> while it belongs to this worker in one epoch, and what the worker knows for exactly that long.
/// </summary>
/// <param name="Partition">Which one.</param>
/// <param name="Topic">What its numbers are made by.</param>
/// <param name="Sequencer">The last number of each conversation.</param>
/// <param name="Messages">Messages whose statuses came a moment ago.</param>
/// <param name="Heads">The last number that others gave in each conversation.</param>
public sealed record OwnedPartition(
    TopicPartition Partition, NumberedTopic Topic, Sequencer Sequencer, KnownMessages Messages, EarlierHeads Heads)
{
    public OwnedPartition(TopicPartition partition, NumberedTopic topic, TimeProvider time)
        : this(partition, topic, new(), new(time), new())
    {
    }
}
