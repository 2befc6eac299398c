using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Tests.Telemetry;

/// <summary>
/// What a counter that the whole process shares counts from now on, with a value in one of its labels that only the test has.
/// </summary>
internal sealed class Counted : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public Counted(string counter, string value)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == ChatTelemetry.Meter && instrument.Name == counter) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => Add(count, tags, value));
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Add(1, tags, value));
        _listener.Start();
    }

    /// <summary>Of a counter its sum; of a histogram how many it has.</summary>
    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();

    private void Add(long count, ReadOnlySpan<KeyValuePair<string, object?>> tags, string value)
    {
        foreach (var tag in tags)
        {
            if (value.Equals(tag.Value)) Interlocked.Add(ref _count, count);
        }
    }
}
