using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Core.Log;

/// <summary>
/// One append, in OpenTelemetry's histogram <c>messaging.client.operation.duration</c>: from its making until it is disposed, which
/// is a failure where nobody said before that it is done.
/// </summary>
/// <param name="system">The engine: <c>kafka</c> or <c>embedded</c>.</param>
/// <param name="events">At least one. Those of several topics count for each topic.</param>
public sealed class MeasuredAppend(string system, IReadOnlyList<NewEvent> events, TimeProvider time) : IDisposable
{
    private static readonly Histogram<double> Duration = ChatTelemetry.Meter.CreateLatency(
        "messaging.client.operation.duration", "From giving events to the log until all of them are durable, or it failed");

    private readonly long _began = time.GetTimestamp();
    private bool _isDone;

    public void Done() => _isDone = true;

    public void Dispose()
    {
        if (!Duration.Enabled) return;
        var seconds = time.GetElapsedTime(_began).TotalSeconds;
        if (events.Count == 1) Record(events[0].Topic, seconds);
        else
        {
            foreach (var topic in events.Select(e => e.Topic).Distinct()) Record(topic, seconds);
        }
    }

    private void Record(string topic, double seconds)
    {
        KeyValuePair<string, object?> engine = new("messaging.system", system);
        KeyValuePair<string, object?> operation = new("messaging.operation.name", "send");
        KeyValuePair<string, object?> destination = new("messaging.destination.name", topic);
        if (_isDone) Duration.Record(seconds, engine, operation, destination);
        // The convention's word for a failure of no kind in particular: the log has the exception.
        else Duration.Record(seconds, [engine, operation, destination, new("error.type", "_OTHER")]);
    }
}
