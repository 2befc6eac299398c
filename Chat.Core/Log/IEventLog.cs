namespace Chat.Core.Log;

/// <summary>
/// The event log: topics of partitions of events, as Kafka has them.
/// <list type="bullet">
/// <item><b>Order.</b> Events of one partition have rising offsets in the order of their append; one caller's appends to one key
/// keep their order. There is no order across partitions.</item>
/// <item><b>Offsets</b> of a partition are never used twice, whether the events there were trimmed or not. They may have holes.</item>
/// <item><b>Durability.</b> What was acknowledged survives a crash of every process at any moment.</item>
/// <item><b>Delivery</b> is at least once: after a crash or a rebalance, events from the last committed offset on come again,
/// with the same offset and the same append time. A new group starts at the earliest event.</item>
/// <item><b>Retention.</b> Where events were deleted that a group had not committed, the group continues with the earliest that there
/// is; the loss is written to the log once as an error (topic, partition, how many) and counted by <see cref="LogLoss"/>. A group
/// that has committed nothing, or whose commits the log has forgotten, lost nothing that can be told: it starts as a new one.</item>
/// </list>
/// </summary>
public interface IEventLog
{
    /// <summary>What spans call it: <c>kafka</c> as OpenTelemetry does, or a name of ours.</summary>
    string MessagingSystem => "chat";

    /// <summary>The topic as it is now; makes it where it isn't there yet.</summary>
    ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken);

    /// <summary>
    /// Appends events and answers once all of them are durable, with their places in the order given. Throws where any of them
    /// could not be appended; others may have been, so that a caller that tries again appends some twice.
    /// </summary>
    /// <exception cref="Engines.EngineRefusedException">
    /// The log refuses one of them for what it is and always will (too large, invalid). Anything else that is thrown is a failure that
    /// may pass.
    /// </exception>
    ValueTask<IReadOnlyList<EventPosition>> AppendAsync(IReadOnlyList<NewEvent> events, CancellationToken cancellationToken);

    /// <summary>
    /// Joins a consumer group until cancelled. For each partition that falls to this member, <paramref name="process"/> is called
    /// with it, partitions beside each other; its token is cancelled when the partition is revoked or the member
    /// leaves, and no other member gets the partition from a clean revocation before the call has ended. A call that throws (other
    /// than for its token) is made again after a pause, from the last committed offset on.
    /// </summary>
    Task ConsumeAsync(ConsumerGroup group, PartitionProcessor process, CancellationToken cancellationToken);
}

/// <summary>Processes one partition for as long as it belongs to this member.</summary>
public delegate Task PartitionProcessor(IPartitionConsumer partition, CancellationToken revoked);

/// <summary>
/// One partition while it belongs to this member of the group. Not for use by several threads at once; but a commit may be made
/// while a read waits, since what was read before may be done long before more comes.
/// </summary>
public interface IPartitionConsumer
{
    TopicPartition Partition { get; }

    /// <summary>
    /// The next events after those read before, in order, at least one and at most <paramref name="max"/>: waits until there is
    /// one, and for no more than that. The first read starts at the group's committed offset.
    /// </summary>
    ValueTask<IReadOnlyList<LogEvent>> ReadAsync(int max, CancellationToken cancellationToken);

    /// <summary>
    /// Says that everything below <paramref name="nextOffset"/> is done. A commit of a member that has lost the partition
    /// changes nothing and does not throw; neither does one that is not above the last. It need not be durable on return: losing
    /// it repeats work.
    /// </summary>
    ValueTask CommitAsync(long nextOffset, CancellationToken cancellationToken);
}

public static class EventLogExtensions
{
    /// <summary>Appends one event; see <see cref="IEventLog.AppendAsync"/>.</summary>
    public static async ValueTask<EventPosition> AppendAsync(this IEventLog log, NewEvent newEvent, CancellationToken cancellationToken) =>
        (await log.AppendAsync([newEvent], cancellationToken))[0];
}
