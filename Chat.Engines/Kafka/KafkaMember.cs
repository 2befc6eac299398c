using System.Collections.Concurrent;
using System.Text;
using Chat.Core.Log;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using KafkaHeaders = Confluent.Kafka.Headers;
using TopicDescription = Chat.Core.Log.TopicDescription;
using TopicPartition = Chat.Core.Log.TopicPartition;

namespace Chat.Engines.Kafka;

/// <summary>
/// A member of a consumer group. One thread of its own polls and owns all state here, so that a slow processor never keeps the
/// member from polling; it hands events to the partitions' buffers and pauses those that are full.
/// </summary>
internal sealed partial class KafkaMember : IKafkaMember, IDisposable
{
    private const int IdlePollMs = 100;
    private const int PausedPollMs = 2;
    private const int MaxPollBatch = 1000;
    private static readonly IReadOnlyList<EventHeader> NoHeaders = [];

    private readonly ConsumerGroup _group;
    private readonly PartitionProcessor _process;
    private readonly KafkaTopics _topics;
    private readonly KafkaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KafkaLag _lag;
    private readonly IConsumer<string?, byte[]> _consumer;
    private readonly Dictionary<int, KafkaPartition> _partitions = [];
    // Calls that did not end in time when their partition went away.
    private readonly Dictionary<int, Task> _leftovers = [];
    private readonly HashSet<KafkaPartition> _touched = [];
    private readonly ConcurrentQueue<Action> _requests = new();
    private readonly TopicDescription _topic;
    private TopicDescription? _changed;
    private bool _offsetsFell;
    private long _lastCheck;
    private Task _check = Task.CompletedTask;
    private int _paused;

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
        _process = process;
        _topic = topic;
        _topics = topics;
        _options = options;
        _time = time;
        _logger = logger;
        _lag = new KafkaLag(group);
        _lastCheck = time.GetTimestamp();
        _consumer = clients.CreateConsumer(group.Group, builder => builder
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => OnRevoked(partitions))
            .SetPartitionsLostHandler((_, partitions) => OnLost(partitions))
            .SetStatisticsHandler((_, json) => _lag.Update(json, _partitions.ContainsKey)));
    }

    /// <summary>
    /// Polls until cancelled, or until offsets mean something else than before; then leaves the group: every call has ended and its
    /// commits are made.
    /// </summary>
    public void Run(CancellationToken cancellationToken)
    {
        _consumer.Subscribe(_group.Topic);
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                while (_requests.TryDequeue(out var request)) request();
                Poll();
                CheckTopic(cancellationToken);
                if (Volatile.Read(ref _changed) is { } now)
                {
                    LogTopicChanged(_topic.Identity, now.Identity);
                    if (now.Incarnation != _topic.Incarnation) ForgetOffsets();
                    return;
                }
                if (_offsetsFell) return;
            }
        }
        finally
        {
            Leave();
        }
    }

    public void Store(KafkaPartition partition, long nextOffset)
    {
        try
        {
            _consumer.StoreOffset(new TopicPartitionOffset(_group.Topic, partition.Partition.Partition, nextOffset));
        }
        catch (KafkaException exception) when (exception.Error.Code == ErrorCode.Local_State)
        {
            // Not assigned any more, or not yet: the hand-over commits what it may.
        }
    }

    public Task RewindAsync(KafkaPartition partition) => OnPollingThread(() =>
    {
        if (!IsCurrent(partition) || partition.RestartAt is not (>= 0 and var offset)) return;
        Seek(partition, offset);
    });

    public void Dispose() => _lag.Dispose();

    // --- Polling ---

    private void Poll()
    {
        try
        {
            var result = _consumer.Consume(_paused > 0 ? PausedPollMs : IdlePollMs);
            for (var count = 0; result is not null; result = _consumer.Consume(0))
            {
                Take(result);
                if (++count == MaxPollBatch) break;
            }
        }
        catch (ConsumeException exception) when (!exception.Error.IsFatal)
        {
            // Librdkafka goes on by itself: the topic is not there yet, a broker is away.
            LogConsumeError(_group.Group, _group.Topic, exception.Error.Code, exception.Error.Reason);
        }
        foreach (var partition in _touched)
        {
            partition.Announce();
            if (!partition.Paused && IsFull(partition.Buffered, 1)) Pause(partition);
        }
        _touched.Clear();
        if (_paused == 0) return;
        foreach (var partition in _partitions.Values)
        {
            if (partition.Paused && !IsFull(partition.Buffered, 0.5)) Resume(partition);
        }
    }

    private void Take(ConsumeResult<string?, byte[]> result)
    {
        if (!_partitions.TryGetValue(result.Partition.Value, out var partition)) return;
        if (result.Offset.Value <= partition.LastFetched)
        {
            // Offsets of one making of a topic only rise.
            if (!_offsetsFell) LogOffsetsFell(partition.Partition, partition.LastFetched, result.Offset.Value);
            partition.Lose();
            _offsetsFell = true;
            return;
        }
        partition.Add(ToEvent(result));
        _touched.Add(partition);
    }

    internal static LogEvent ToEvent(ConsumeResult<string?, byte[]> result) => new(
        result.Offset.Value,
        result.Message.Key,
        result.Message.Value,
        new DateTimeOffset(result.Message.Timestamp.UtcDateTime, TimeSpan.Zero),
        ToHeaders(result.Message.Headers));

    private static IReadOnlyList<EventHeader> ToHeaders(KafkaHeaders headers)
    {
        if (headers.Count == 0) return NoHeaders;
        var copies = new EventHeader[headers.Count];
        for (var i = 0; i < copies.Length; i++)
            copies[i] = new(headers[i].Key, headers[i].GetValueBytes() is { } value ? Encoding.UTF8.GetString(value) : "");
        return copies;
    }

    private bool IsFull((int Events, long Bytes) buffered, double share) =>
        buffered.Events > _options.BufferedEvents * share || buffered.Bytes > _options.BufferedBytes * share;

    private void Pause(KafkaPartition partition)
    {
        _consumer.Pause([Of(partition)]);
        partition.Paused = true;
        _paused++;
    }

    private void Resume(KafkaPartition partition)
    {
        _consumer.Resume([Of(partition)]);
        partition.Paused = false;
        _paused--;
    }

    private void Seek(KafkaPartition partition, Offset offset)
    {
        _consumer.Seek(new(Of(partition), offset));
        partition.Rewind(offset.Value);
        if (partition.Paused) Resume(partition);
    }

    private Confluent.Kafka.TopicPartition Of(KafkaPartition partition) => new(_group.Topic, partition.Partition.Partition);

    private bool IsCurrent(KafkaPartition partition) =>
        _partitions.TryGetValue(partition.Partition.Partition, out var current) && current == partition;

    private Task OnPollingThread(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _requests.Enqueue(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (KafkaException exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    // --- Rebalances ---

    private void OnAssigned(List<Confluent.Kafka.TopicPartition> assigned)
    {
        if (assigned.Count == 0) return;
        // Why partitions moved may be that there are more of them.
        _topics.Forget(_group.Topic);
        _lastCheck = 0;
        foreach (var partition in assigned)
        {
            var before = _leftovers.Remove(partition.Partition.Value, out var leftover) ? leftover : Task.CompletedTask;
            Begin(partition.Partition.Value, before);
        }
        LogAssigned(_group.Group, _group.Topic, assigned.Select(p => p.Partition.Value));
    }

    private void Begin(int number, Task before)
    {
        var partition = new KafkaPartition(this, new TopicPartition(_group.Topic, number), _logger);
        _partitions[number] = partition;
        partition.Start(_process, _options.RetryPause, _time, before);
    }

    private void OnRevoked(List<TopicPartitionOffset> revoked) => HandOver(Find(revoked));

    private void HandOver(List<KafkaPartition> leaving)
    {
        if (leaving.Count == 0) return;
        foreach (var partition in leaving) partition.Cancel();
        if (!Task.WhenAll(leaving.Select(p => p.Ended)).Wait(_options.HandOverTimeout))
            LogNotEnded(_group.Topic, leaving.Where(p => !p.Ended.IsCompleted).Select(p => p.Partition.Partition));
        CommitLast([
            .. leaving.Select(p => new TopicPartitionOffset(Of(p), p.Lose())).Where(o => o.Offset.Value >= 0)]);
        foreach (var partition in leaving) Remove(partition);
        LogRevoked(_group.Group, _group.Topic, leaving.Select(p => p.Partition.Partition));
    }

    private void OnLost(List<TopicPartitionOffset> lost)
    {
        // Somebody else has them by now: nothing to wait for, nothing to commit.
        var leaving = Find(lost);
        foreach (var partition in leaving)
        {
            partition.Lose();
            partition.Cancel();
            Remove(partition);
        }
        LogLost(_group.Group, _group.Topic, leaving.Select(p => p.Partition.Partition));
    }

    private List<KafkaPartition> Find(List<TopicPartitionOffset> gone)
    {
        var found = new List<KafkaPartition>(gone.Count);
        foreach (var partition in gone)
        {
            if (_partitions.TryGetValue(partition.Partition.Value, out var ours)) found.Add(ours);
        }
        return found;
    }

    private void Remove(KafkaPartition partition)
    {
        var number = partition.Partition.Partition;
        _partitions.Remove(number);
        _touched.Remove(partition);
        if (partition.Paused) _paused--;
        _lag.Remove(number);
        if (!partition.Ended.IsCompleted) _leftovers[number] = partition.Ended;
    }

    // Waits for the brokers, but not for ever: what is not committed comes again.
    private void CommitLast(IReadOnlyList<TopicPartitionOffset> offsets)
    {
        if (offsets.Count == 0) return;
        try
        {
            if (!Task.Run(() => _consumer.Commit(offsets)).Wait(_options.LastCommitTimeout))
                LogNotCommitted(_group.Group, _group.Topic, "no answer in time");
        }
        catch (AggregateException exception)
        {
            LogNotCommitted(_group.Group, _group.Topic, exception.InnerException?.Message);
        }
    }

    // Ends the calls, commits, and says goodbye, so that the others need not wait. The goodbye is made beside: where the brokers
    // are away, librdkafka waits for them without end.
    private void Leave()
    {
        HandOver([.. _partitions.Values]);
        var closing = Task.Run(Close);
        if (closing.Wait(_options.LastCommitTimeout)) return;
        LogNotLeft(_group.Group, _group.Topic);
    }

    private void Close()
    {
        try
        {
            _consumer.Close();
        }
        catch (KafkaException exception)
        {
            LogConsumeError(_group.Group, _group.Topic, exception.Error.Code, exception.Error.Reason);
            _consumer.Dispose();
        }
    }

    // --- Another making of the topic, or more partitions ---

    private void CheckTopic(CancellationToken cancellationToken)
    {
        if (!_check.IsCompleted || (_lastCheck != 0 && _time.GetElapsedTime(_lastCheck) < _options.TopicCheckInterval)) return;
        _lastCheck = _time.GetTimestamp();
        _check = CheckTopicAsync(cancellationToken);
    }

    private async Task CheckTopicAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = await _topics.DescribeAsync(_group.Topic, cancellationToken).ConfigureAwait(false);
            if (now.Identity != _topic.Identity) Volatile.Write(ref _changed, now);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (KafkaException exception)
        {
            LogConsumeError(_group.Group, _group.Topic, exception.Error.Code, exception.Error.Reason);
        }
    }

    // Offsets of another making of the topic say nothing about this one: the group starts at its earliest event.
    private void ForgetOffsets()
    {
        var partitions = _partitions.Values.ToArray();
        foreach (var partition in partitions)
        {
            partition.Lose();
            partition.Cancel();
        }
        if (!Task.WhenAll(partitions.Select(p => p.Ended)).Wait(_options.HandOverTimeout))
            LogNotEnded(_group.Topic, partitions.Where(p => !p.Ended.IsCompleted).Select(p => p.Partition.Partition));
        foreach (var partition in partitions) Store(partition, 0);
        CommitLast([.. partitions.Select(p => new TopicPartitionOffset(Of(p), 0))]);
    }

    [LoggerMessage(1, LogLevel.Information, "Group {Group} of {Topic}: this member got partitions {Partitions}")]
    private partial void LogAssigned(string group, string topic, IEnumerable<int> partitions);

    [LoggerMessage(2, LogLevel.Information, "Group {Group} of {Topic}: this member handed over partitions {Partitions}")]
    private partial void LogRevoked(string group, string topic, IEnumerable<int> partitions);

    [LoggerMessage(3, LogLevel.Warning, "Group {Group} of {Topic}: this member lost partitions {Partitions}")]
    private partial void LogLost(string group, string topic, IEnumerable<int> partitions);

    [LoggerMessage(4, LogLevel.Error, "Calls for partitions {Partitions} of {Topic} did not end in time; they are handed over all the same")]
    private partial void LogNotEnded(string topic, IEnumerable<int> partitions);

    [LoggerMessage(5, LogLevel.Warning, "Group {Group} of {Topic}: the last commits were not made, so events come again: {Reason}")]
    private partial void LogNotCommitted(string group, string topic, string? reason);

    [LoggerMessage(9, LogLevel.Warning, "Group {Group} of {Topic}: the brokers did not answer to this member's leaving")]
    private partial void LogNotLeft(string group, string topic);

    [LoggerMessage(6, LogLevel.Warning, "Group {Group} of {Topic}: {Code} {Reason}")]
    private partial void LogConsumeError(string group, string topic, ErrorCode code, string reason);

    [LoggerMessage(7, LogLevel.Error, "{Partition} went on at {Offset} after {Last}: this member joins anew")]
    private partial void LogOffsetsFell(TopicPartition partition, long last, long offset);

    [LoggerMessage(8, LogLevel.Warning, "Topic {Was} is {Now} now: this member joins anew")]
    private partial void LogTopicChanged(string was, string now);
}
