namespace Chat.StatusWorker.Parking;

internal static class ParkingExtensions
{
    /// <summary>Counts parked statuses, and gives up those whose message never came. Needs the log and the store.</summary>
    public static IServiceCollection AddParking(this IServiceCollection services)
    {
        services.AddSingleton<ParkingMetrics>();
        services.AddHostedService<ParkedSweeper>();
        services.AddHostedService<ParkedCounter>();
        return services;
    }
}
