using System.Diagnostics.Metrics;

namespace Chat.Tests.Telemetry;

/// <summary>Meters of one test's own, and what was measured with them: what runs beside the test is not in it.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _sums = [];

    public TestMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>
    /// The sum of an instrument's measurements; of those with tags by its name and their values, with spaces between.
    /// </summary>
    public double this[string name]
    {
        get
        {
            lock (_sums) return _sums.GetValueOrDefault(name);
        }
    }

    /// <summary>Measures what is measured only when it is asked for.</summary>
    public void Observe() => _listener.RecordObservableInstruments();

    /// <summary>Forgets what was measured.</summary>
    public void Clear()
    {
        lock (_sums) _sums.Clear();
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters) meter.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name;
        foreach (var tag in tags) name += $" {tag.Value}";
        lock (_sums) _sums[name] = _sums.GetValueOrDefault(name) + value;
    }
}
