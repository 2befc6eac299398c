using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.Simulation.Nodes;

/// <summary>
/// One meter for every process of every run: a meter is known to the runtime until it is disposed, and nobody reads these.
/// </summary>
internal sealed class SharedMeters : IMeterFactory
{
    public static readonly SharedMeters Instance = new();

    public Meter Create(MeterOptions options) => ChatTelemetry.Meter;

    public void Dispose()
    {
        // The meter is nobody's to dispose.
    }
}
