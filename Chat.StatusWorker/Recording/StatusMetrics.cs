using System.Diagnostics.Metrics;
using Chat.Core.Log;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Recording;

/// <summary>What the status worker did.</summary>
public sealed class StatusMetrics
{
    private readonly DeadLetterMetrics _deadLetters;
    private readonly Counter<long> _events;
    private readonly Histogram<double> _publishDuration;
    private readonly Counter<long> _published;
    private readonly Counter<long> _publishGivenUp;
    private readonly Counter<long> _superseded;

    public StatusMetrics(IMeterFactory meters, DeadLetterMetrics deadLetters)
    {
        _deadLetters = deadLetters;
        var meter = meters.Create(ChatTelemetry.Name);
        _events = meter.CreateCounter<long>("chat.status.events", "{event}", "Events of msg.status by what became of them");
        _publishDuration = meter.CreateLatency("chat.status.publish.duration", "Time to publish a batch on the bus");
        _published = meter.CreateCounter<long>("chat.status.published", "{frame}", "Frames published on the bus");
        _publishGivenUp = meter.CreateCounter<long>(
            "chat.status.publish.given_up", "{frame}", "Frames recorded and not published, since the bus did not answer");
        _superseded = meter.CreateCounter<long>(
            "chat.status.superseded", "{batch}", "Batches numbered again, since a later epoch was claimed meanwhile");
    }

    public void Published(int frames, TimeSpan duration)
    {
        _published.Add(frames);
        _publishDuration.Record(duration.TotalSeconds);
    }

    public void PublishGivenUp(int frames) => _publishGivenUp.Add(frames);

    public void Superseded() => _superseded.Add(1);

    public void Processed(AppliedStatuses batch)
    {
        // Apart: announcements come from the router, and say nothing of whether statuses come.
        var announced = batch.Changes.Count(c => c.IsAnnouncement);
        Add("changed", batch.Changes.Count - announced);
        Add("announced", announced);
        Add("parked", batch.Parked.Count);
        Add("rekeyed", batch.Rekeyed);
        Add("dead_letter", batch.DeadLetters);
        Add("repeated", batch.Repeated);
        _deadLetters.Added(Topics.Status, batch.DeadLetters);
    }

    private void Add(string outcome, int count)
    {
        if (count > 0) _events.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
    }
}
