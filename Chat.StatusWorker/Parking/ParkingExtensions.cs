namespace Chat.StatusWorker.Parking;

internal static class ParkingExtensions
{
    /// <summary>Gives up parked statuses whose message never came. Needs the log and the store.</summary>
    public static IServiceCollection AddParkedSweeper(this IServiceCollection services)
    {
        services.AddSingleton<ParkingMetrics>();
        services.AddHostedService<ParkedSweeper>();
        return services;
    }
}
