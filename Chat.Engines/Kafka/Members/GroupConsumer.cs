using Chat.Core.Log;
using Chat.Engines.Kafka.Clients;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using TopicPartition = Confluent.Kafka.TopicPartition;

namespace Chat.Engines.Kafka.Members;

/// <summary>librdkafka's consumer of one topic in one group. For the polling thread alone, but for <see cref="StoreOffset"/>.</summary>
internal sealed partial class GroupConsumer : ILossOffsets
{
    private readonly ConsumerGroup _group;
    private readonly TimeSpan _brokerTimeout;
    private readonly ILogger _logger;
    private readonly IConsumer<string?, byte[]> _consumer;

    // The calls that other threads make, which the consumer's closing waits for.
    private readonly CallGate _calls = new();
    private IRebalanceListener? _listener;

    /// <param name="brokerTimeout">How long the last commit, and leaving the group, wait for the brokers.</param>
    /// <param name="statistics">Gets librdkafka's statistics, as JSON.</param>
    public GroupConsumer(ConsumerGroup group, KafkaClients clients, TimeSpan brokerTimeout, Action<string> statistics, ILogger logger)
    {
        _group = group;
        _brokerTimeout = brokerTimeout;
        _logger = logger;
        _consumer = clients.CreateConsumer(group.Group, builder => builder
            .SetPartitionsAssignedHandler((_, assigned) => _listener!.OnAssigned([.. assigned.Select(p => p.Partition.Value)]))
            .SetPartitionsRevokedHandler((_, revoked) => _listener!.OnRevoked([.. revoked.Select(p => p.Partition.Value)]))
            .SetPartitionsLostHandler((_, lost) => _listener!.OnLost([.. lost.Select(p => p.Partition.Value)]))
            .SetStatisticsHandler((_, json) => statistics(json)));
    }

    /// <summary>Joins the group; the listener is called from within <see cref="Poll"/>.</summary>
    public void Subscribe(IRebalanceListener listener)
    {
        _listener = listener;
        _consumer.Subscribe(_group.Topic);
    }

    /// <summary>The next event; null where none comes in time.</summary>
    /// <exception cref="ConsumeException">The topic isn't there, a broker is away, or librdkafka has given up (a fatal error).</exception>
    public ConsumeResult<string?, byte[]>? Poll(int milliseconds) => _consumer.Consume(milliseconds);

    public void Pause(int partition) => _consumer.Pause([Of(partition)]);

    /// <summary>Fetches a paused partition again; nothing where it is none of ours any more.</summary>
    public void Resume(int partition)
    {
        try
        {
            _consumer.Resume([Of(partition)]);
        }
        catch (TopicPartitionException)
        {
            // It is not there to be fetched from.
        }
    }

    public void Seek(int partition, long offset) => _consumer.Seek(new(Of(partition), offset));

    public IReadOnlyList<(int Partition, long Offset)> Committed(IReadOnlyList<int> partitions) =>
        [.. _consumer.Committed(partitions.Select(Of), _brokerTimeout).Select(c => (c.Partition.Value, c.Offset.Value))];

    public long Start(int partition) => _consumer.QueryWatermarkOffsets(Of(partition), _brokerTimeout).Low.Value;

    /// <summary>
    /// Keeps an offset that is committed in the background soon; nothing where the partition isn't assigned. For any thread.
    /// </summary>
    public void StoreOffset(int partition, long nextOffset)
    {
        if (!_calls.TryEnter()) return;
        try
        {
            _consumer.StoreOffset(new TopicPartitionOffset(Of(partition), nextOffset));
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_State)
        {
            // Not assigned any more, or not yet: the revocation commits what it may.
        }
        finally
        {
            _calls.Exit();
        }
    }

    /// <summary>Commits at once. Waits for the brokers, but not without end: what is not committed comes again.</summary>
    public void Commit(IEnumerable<(int Partition, long NextOffset)> offsets)
    {
        TopicPartitionOffset[] last = [.. offsets.Select(o => new TopicPartitionOffset(Of(o.Partition), o.NextOffset))];
        if (last.Length == 0 || !_calls.TryEnter()) return;
        try
        {
            if (!Task.Run(() => CommitAndExit(last)).Wait(_brokerTimeout))
                LogNotCommitted(_group.Group, _group.Topic, "no answer in time");
        }
        catch (AggregateException exception)
        {
            LogNotCommitted(_group.Group, _group.Topic, exception.InnerException?.Message);
        }
    }

    /// <summary>
    /// Tells the brokers that this member leaves, so that the others need not wait for its session to time out. Called on another
    /// thread, since librdkafka waits without end for brokers that are away.
    /// </summary>
    public void Leave()
    {
        if (!Task.Run(Close).Wait(_brokerTimeout)) LogNotLeft(_group.Group, _group.Topic);
    }

    private void CommitAndExit(TopicPartitionOffset[] offsets)
    {
        try
        {
            _consumer.Commit(offsets);
        }
        finally
        {
            _calls.Exit();
        }
    }

    private void Close()
    {
        // A commit that still waits for the brokers is answered by the closing, which must not wait for it: the group waits for us.
        _calls.Close(_brokerTimeout);
        try
        {
            _consumer.Close();
        }
        catch (KafkaException exception)
        {
            LogCloseFailed(_group.Group, _group.Topic, exception.Error.Code, exception.Error.Reason);
            _consumer.Dispose();
        }
    }

    private TopicPartition Of(int partition) => new(_group.Topic, partition);

    [LoggerMessage(
        EventId = LogEvents.OffsetsNotCommitted,
        Level = LogLevel.Warning,
        Message = "Group {Group}, topic {Topic}: could not commit the last offsets ({Reason}); their events come again")]
    private partial void LogNotCommitted(string group, string topic, string? reason);

    [LoggerMessage(
        EventId = LogEvents.GroupNotLeft,
        Level = LogLevel.Warning,
        Message = "Group {Group}, topic {Topic}: the brokers did not confirm that this member left; "
            + "its partitions move when its session times out")]
    private partial void LogNotLeft(string group, string topic);

    [LoggerMessage(
        EventId = LogEvents.CloseFailed,
        Level = LogLevel.Warning,
        Message = "Group {Group}, topic {Topic}: could not leave ({Code}: {Reason})")]
    private partial void LogCloseFailed(string group, string topic, ErrorCode code, string reason);
}
