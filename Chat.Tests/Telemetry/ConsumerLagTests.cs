using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Tests.Telemetry;

public sealed class ConsumerLagTests
{
    // Other tests' engines report beside these.
    private readonly string _group = $"group-{Guid.NewGuid():N}";

    [Fact]
    public void Lag_when_two_engines_report_has_a_measurement_for_each_partition_of_both()
    {
        using var first = ConsumerLag.Report(() => [new(_group, "a", 0, 3), new(_group, "a", 1, 0)]);
        using var second = ConsumerLag.Report(() => [new(_group, "b", 0, 7)]);

        Assert.Equal([("a", "0", 3), ("a", "1", 0), ("b", "0", 7)], Observe());
    }

    [Fact]
    public void Lag_is_asked_for_at_each_collection()
    {
        var lag = 5L;
        using var report = ConsumerLag.Report(() => [new(_group, "a", 0, lag)]);
        Assert.Equal([("a", "0", 5)], Observe());
        lag = 2;
        Assert.Equal([("a", "0", 2)], Observe());
    }

    [Fact]
    public void Lag_when_the_report_was_disposed_is_gone_and_the_others_stay()
    {
        using var stays = ConsumerLag.Report(() => [new(_group, "b", 0, 1)]);
        var report = ConsumerLag.Report(() => [new(_group, "a", 0, 5)]);
        report.Dispose();
        report.Dispose();

        Assert.Equal([("b", "0", 1)], Observe());
    }

    private List<(string Topic, string Partition, long Events)> Observe()
    {
        var found = new List<(string, string, long)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == ChatTelemetry.Name && instrument.Name == "chat.consumer.lag")
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => (string)t.Value!);
            if (named["messaging.consumer.group.name"] != _group) return;
            found.Add((named["messaging.destination.name"], named["messaging.destination.partition.id"], value));
        });
        listener.Start();
        listener.RecordObservableInstruments();
        found.Sort();
        return found;
    }
}
