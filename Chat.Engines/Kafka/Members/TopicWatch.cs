using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using TopicDescription = Chat.Core.Log.TopicDescription;

namespace Chat.Engines.Kafka.Members;

/// <summary>
/// Checks from time to time whether the topic was deleted and created again, or got more partitions: offsets mean something else
/// then.
/// </summary>
internal sealed partial class TopicWatch(
    TopicDescription topic, KafkaTopics topics, TimeSpan interval, TimeProvider time, ILogger logger)
{
    private TopicDescription? _changed;
    private Task _check = Task.CompletedTask;
    private long _lastCheck = time.GetTimestamp();
    private bool _soon;
    private volatile bool _isAnswered = true;

    /// <summary>The topic as it is now; null as long as it is what it was.</summary>
    public TopicDescription? Changed => Volatile.Read(ref _changed);

    /// <summary>Whether the brokers answered the last look.</summary>
    public bool IsAnswered => _isAnswered;

    /// <summary>Whether no look is due at once or under way. For the polling thread.</summary>
    public bool IsSettled => !_soon && _check.IsCompleted;

    /// <summary>Starts a look where one is due. For the polling thread.</summary>
    public void Check(CancellationToken cancellationToken)
    {
        if (!_check.IsCompleted || (!_soon && time.GetElapsedTime(_lastCheck) < interval)) return;
        _soon = false;
        _lastCheck = time.GetTimestamp();
        _check = CheckAsync(cancellationToken);
    }

    /// <summary>Makes the next look due at once, by the brokers' present answer. For the polling thread.</summary>
    public void CheckSoon()
    {
        topics.Forget(topic.Topic);
        _soon = true;
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            var now = await topics.DescribeAsync(topic.Topic, cancellationToken).ConfigureAwait(false);
            _isAnswered = true;
            if (now.Identity != topic.Identity) Volatile.Write(ref _changed, now);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (KafkaException exception)
        {
            _isAnswered = false;
            LogNotDescribed(topic.Topic, exception.Error.Code, exception.Error.Reason, interval);
        }
    }

    [LoggerMessage(
        EventId = LogEvents.TopicNotDescribed,
        Level = LogLevel.Warning,
        Message = "Could not describe topic {Topic} ({Code}: {Reason}); next look in {Interval}")]
    private partial void LogNotDescribed(string topic, ErrorCode code, string reason, TimeSpan interval);
}
