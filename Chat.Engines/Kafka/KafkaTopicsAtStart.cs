using Chat.Core.Log;
using Chat.Core.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Kafka;

/// <summary>Creates the topics that the services need, as soon as the brokers are there; nothing waits for it.</summary>
internal sealed partial class KafkaTopicsAtStart(KafkaTopics topics, TimeProvider time, ILogger<KafkaTopicsAtStart> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var retry = new RetryForever(time) { FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(5) };
        foreach (var topic in Topics.All)
        {
            await retry.RunAsync(
                async ct => await topics.DescribeAsync(topic, ct).ConfigureAwait(false),
                (exception, pause) => LogNotCreated(topic, exception.Message, pause),
                stoppingToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(
        EventId = LogEvents.TopicNotCreated,
        Level = LogLevel.Warning,
        Message = "Could not create topic {Topic} ({Reason}); next try in {Pause}")]
    private partial void LogNotCreated(string topic, string reason, TimeSpan pause);
}
