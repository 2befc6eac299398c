using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Parking;

/// <summary>What became of parked statuses.</summary>
public sealed class ParkingMetrics
{
    private readonly Counter<long> _givenUp;
    private readonly Counter<long> _notOurs;

    public ParkingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ChatTelemetry.Name);
        _givenUp = meter.CreateCounter<long>("chat.status.parked.given_up", "{event}", "Statuses whose message never came");
        _notOurs = meter.CreateCounter<long>(
            "chat.status.parked.not_ours", "{event}", "Statuses of messages that another system sent from the same account");
    }

    public void GivenUp(int statuses) => _givenUp.Add(statuses);

    public void NotOurs(int statuses) => _notOurs.Add(statuses);
}
