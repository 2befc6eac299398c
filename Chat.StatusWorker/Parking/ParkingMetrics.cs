using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Parking;

/// <summary>How many statuses are parked, and what became of them.</summary>
public sealed class ParkingMetrics
{
    private readonly Gauge<long> _waiting;
    private readonly Counter<long> _givenUp;
    private readonly Counter<long> _notOurs;

    public ParkingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ChatTelemetry.Name);
        _waiting = meter.CreateGauge<long>("chat.status.parked.waiting", "{event}", "Statuses that wait for their message");
        _givenUp = meter.CreateCounter<long>("chat.status.parked.given_up", "{event}", "Statuses whose message never came");
        _notOurs = meter.CreateCounter<long>(
            "chat.status.parked.not_ours", "{event}", "Statuses of messages that another system sent from the same account");
    }

    public void Waiting(int statuses) => _waiting.Record(statuses);

    public void GivenUp(int statuses) => _givenUp.Add(statuses);

    public void NotOurs(int statuses) => _notOurs.Add(statuses);
}
