using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Parking;

/// <summary>What became of parked statuses.</summary>
public sealed class ParkingMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _givenUp = meters.Create(ChatTelemetry.Name)
        .CreateCounter<long>("chat.status.parked.given_up", "{event}", "Statuses whose message never came");

    public void GivenUp(int statuses) => _givenUp.Add(statuses);
}
