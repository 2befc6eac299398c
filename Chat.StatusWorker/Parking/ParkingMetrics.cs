using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Parking;

/// <summary>How many statuses are parked, and what became of them.</summary>
public sealed class ParkingMetrics
{
    private readonly Counter<long> _givenUp;
    private readonly Counter<long> _notOurs;
    private readonly Lock _gate = new();
    private long? _waiting;

    public ParkingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ChatTelemetry.Name);
        meter.CreateObservableGauge(
            "chat.status.parked.waiting",
            Waiting,
            "{event}",
            "Statuses that wait for their message, among the oldest 10,000 that were parked");
        _givenUp = meter.CreateCounter<long>("chat.status.parked.given_up", "{event}", "Statuses whose message never came");
        _notOurs = meter.CreateCounter<long>(
            "chat.status.parked.not_ours", "{event}", "Statuses of messages that another system sent from the same account");
    }

    /// <param name="statuses">As they were counted now; null where this worker is not the one that counts.</param>
    public void Waiting(int? statuses)
    {
        lock (_gate) _waiting = statuses;
    }

    public void GivenUp(int statuses) => _givenUp.Add(statuses);

    public void NotOurs(int statuses) => _notOurs.Add(statuses);

    // Observed, and not recorded: a recorded figure is told again and again until the process ends, though another worker counts by then.
    private IEnumerable<Measurement<long>> Waiting()
    {
        lock (_gate) return _waiting is { } statuses ? [new(statuses)] : [];
    }
}
