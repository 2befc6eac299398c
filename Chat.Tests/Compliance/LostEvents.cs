using System.Diagnostics.Metrics;
using Chat.Core.Log;
using Chat.Core.Telemetry;

namespace Chat.Tests.Compliance;

/// <summary>What <c>chat.log.lost</c> counts of one group, from now on.</summary>
public sealed class LostEvents : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public LostEvents(ConsumerGroup group)
    {
        _listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == ChatTelemetry.Meter && instrument.Name == "chat.log.lost") l.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(t => t.Key, t => (string?)t.Value);
            if (named["messaging.consumer.group.name"] == group.Group && named["messaging.destination.name"] == group.Topic)
                Interlocked.Add(ref _count, count);
        });
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
