using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.LoadTest.InProcess;

/// <summary>Listens to the hub's own metrics in this process.</summary>
internal sealed class HubMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _counts = [];
    private readonly List<double> _repairs = [];

    public HubMeter()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ChatTelemetry.Meter.Name && instrument.Name.StartsWith("chat.hub.", StringComparison.Ordinal))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (_gate)
            {
                var name = instrument.Name;
                foreach (var tag in tags) name += $" {tag.Value}";
                _counts[name] = _counts.GetValueOrDefault(name) + value;
            }
        });
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            if (instrument.Name != "chat.hub.repair.duration") return;
            lock (_gate) _repairs.Add(value);
        });
        _listener.Start();
    }

    /// <summary>Sums by name and tag values, as <c>chat.hub.repairs gap</c>.</summary>
    public IReadOnlyDictionary<string, long> Counts()
    {
        lock (_gate) return new SortedDictionary<string, long>(_counts, StringComparer.Ordinal);
    }

    public long Count(string name)
    {
        lock (_gate) return _counts.GetValueOrDefault(name);
    }

    /// <summary>Seconds of each repair.</summary>
    public IReadOnlyList<double> Repairs()
    {
        lock (_gate) return [.. _repairs];
    }

    public void Clear()
    {
        lock (_gate)
        {
            _counts.Clear();
            _repairs.Clear();
        }
    }

    public void Dispose() => _listener.Dispose();
}
