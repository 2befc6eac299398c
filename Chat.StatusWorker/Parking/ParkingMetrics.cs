using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Parking;

internal static class ParkingMetrics
{
    public static readonly Counter<long> GivenUp = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.status.parked.given_up", "{event}", "Statuses whose message never came");
}
