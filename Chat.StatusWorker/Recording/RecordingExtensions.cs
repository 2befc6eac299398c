using Chat.Core.Log;
using Chat.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.StatusWorker.Recording;

internal static class RecordingExtensions
{
    /// <summary>
    /// Consumes <c>msg.status</c>: facts and changes into the store, frames onto the bus. Needs the log, the store and the bus.
    /// </summary>
    public static IServiceCollection AddStatusRecording(this IServiceCollection services)
    {
        services.TryAddSingleton<DeadLetterMetrics>();
        services.TryAddSingleton<RefusedEvents>();
        services.AddSingleton<StatusStores>();
        services.AddSingleton<StatusMetrics>();
        services.AddSingleton<StatusPublisher>();
        services.AddSingleton<StatusProcessor>();
        services.AddSingleton<OwnedPartitions>();
        services.AddHostedService<StatusConsumer>();
        services.AddEpochs<StatusEpochs>("epochs");
        return services;
    }
}
