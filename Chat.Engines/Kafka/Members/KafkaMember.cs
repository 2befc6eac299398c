using System.Text.Json;
using Chat.Core.Log;
using Microsoft.Extensions.Logging;
using TopicDescription = Chat.Core.Log.TopicDescription;

namespace Chat.Engines.Kafka.Members;

/// <summary>
/// A member of a consumer group, from joining to leaving. One thread of its own polls and owns all state here, so that a slow
/// processor never keeps the member from polling.
/// </summary>
internal sealed partial class KafkaMember : IPartitionOwner, IDisposable
{
    private readonly ConsumerGroup _group;
    private readonly TopicDescription _topic;
    private readonly ILogger _logger;
    private readonly PollingThread _thread = new();
    private readonly KafkaLag _lag;
    private readonly TopicWatch _watch;
    private readonly GroupConsumer _consumer;
    private readonly Assignment _assignment;
    private readonly PollLoop _polls;
    private readonly MembershipWatch _membership;
    private readonly TimeSpan _revocationTimeout;

    public KafkaMember(
        ConsumerGroup group,
        PartitionProcessor process,
        TopicDescription topic,
        KafkaClients clients,
        KafkaTopics topics,
        KafkaOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _group = group;
        _topic = topic;
        _logger = logger;
        _revocationTimeout = options.RevocationTimeout;
        _watch = new(topic, topics, options.TopicCheckInterval, time, logger);
        _membership = new(options.RevocationTimeout, time);
        _consumer = new(group, clients, options.LastCommitTimeout, OnStatistics, logger);
        // Reported from here on until it is disposed of, so after what may throw.
        _lag = new(group);
        var loss = new LossWatch(group, _consumer, time, logger);
        _assignment = new(group, Begin, _consumer, _watch, _lag, loss, options.RevocationTimeout, logger);
        _polls = new(group, _consumer, _assignment, loss, options, logger);

        KafkaPartition Begin(int number, Task before)
        {
            var partition = new KafkaPartition(this, new(group.Topic, number), logger);
            partition.Start(process, options.RetryPause, time, before);
            return partition;
        }
    }

    /// <summary>
    /// Polls until cancelled, or until offsets mean something else than before; then leaves the group: processing has stopped and
    /// its commits are made.
    /// </summary>
    public void Run(CancellationToken cancellationToken)
    {
        try
        {
            _consumer.Subscribe(_assignment);
            var asksWhy = false;
            while (!cancellationToken.IsCancellationRequested)
            {
                _thread.RunRequests();
                _polls.Poll();
                _watch.Check(cancellationToken);
                var isSettled = _watch.IsSettled; // before its answer is looked at
                if (_watch.Changed is { } now)
                {
                    LogTopicChanged(_topic.Identity, now.Identity, _group.Group);
                    if (now.Incarnation != _topic.Incarnation) _assignment.ForgetOffsets();
                    return;
                }
                if (_polls.OffsetMovedBack)
                {
                    // Made anew, as a rule: then what the group has committed is of the topic before, and must be forgotten first.
                    if (!asksWhy) _watch.CheckSoon();
                    else if (isSettled) return;
                    asksWhy = true;
                }
                // Where the brokers answer nobody, another client would do no better.
                if (_membership.Outside is { } outside && _watch.IsAnswered)
                {
                    LogLostItsWay(_group.Group, _group.Topic, outside);
                    return;
                }
            }
        }
        finally
        {
            // A process that stops has seconds for all of it.
            var stopping = cancellationToken.IsCancellationRequested && KafkaOptions.StopTimeout < _revocationTimeout;
            _assignment.RevokeAll(stopping ? KafkaOptions.StopTimeout : _revocationTimeout);
            _consumer.Leave();
        }
    }

    public void StoreOffset(KafkaPartition partition, long nextOffset) => _consumer.StoreOffset(partition.Number, nextOffset);

    public Task RewindAsync(KafkaPartition partition) => _thread.InvokeAsync(() =>
    {
        if (_assignment.IsCurrent(partition) && partition.RestartAt is >= 0 and var offset) _polls.Seek(partition, offset);
    });

    public void Dispose() => _lag.Dispose();

    private void OnStatistics(string json)
    {
        using var statistics = JsonDocument.Parse(json);
        _lag.Update(statistics.RootElement, _assignment.Has);
        _membership.Update(statistics.RootElement);
    }

    [LoggerMessage(
        EventId = LogEvents.TopicChanged,
        Level = LogLevel.Warning,
        Message = "Topic changed from {Was} to {Now} (name/incarnation/partitions); group {Group} rejoins")]
    private partial void LogTopicChanged(string was, string now, string group);

    [LoggerMessage(
        EventId = LogEvents.LostItsWay,
        Level = LogLevel.Warning,
        Message = "Group {Group}, topic {Topic}: the client has been outside its group for {Time} although the brokers answer; "
            + "another one takes its place")]
    private partial void LogLostItsWay(string group, string topic, TimeSpan time);
}
