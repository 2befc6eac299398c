using System.Diagnostics.Metrics;
using Chat.Core.Log;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Batches;

internal static class StatusMetrics
{
    private static readonly Counter<long> Events = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.status.events", "{event}", "Events of msg.status by what became of them");

    private static readonly Histogram<double> Publish = ChatTelemetry.Meter.CreateHistogram<double>(
        "chat.status.publish.duration", "s", "Time to publish a batch on the bus");

    private static readonly Counter<long> PublishedFrames = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.status.published", "{frame}", "Frames published on the bus");

    public static void Published(int frames, TimeSpan duration)
    {
        PublishedFrames.Add(frames);
        Publish.Record(duration.TotalSeconds);
    }

    public static void Processed(StatusBatch batch)
    {
        Add("changed", batch.Changes.Count);
        Add("parked", batch.Parked.Count);
        Add("rekeyed", batch.Rekeyed);
        Add("dead_letter", batch.DeadLetters);
        Add("repeated", batch.Repeated);
        DeadLetters.Count(Topics.Status, batch.DeadLetters);
    }

    private static void Add(string outcome, int count)
    {
        if (count > 0) Events.Add(count, new KeyValuePair<string, object?>("outcome", outcome));
    }
}
