using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Core.Log;

/// <summary>Counts dead letters by the topic whose events they are.</summary>
public sealed class DeadLetterMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _deadLetters = meters.Create(ChatTelemetry.Name)
        .CreateCounter<long>("chat.dead_letters", "{event}", "Events put aside, by topic");

    /// <param name="topic">The topic of the events, not the dead-letter topic.</param>
    public void Added(string topic, int count)
    {
        if (count > 0) _deadLetters.Add(count, new KeyValuePair<string, object?>("messaging.destination.name", topic));
    }
}
