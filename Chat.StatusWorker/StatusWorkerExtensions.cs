using Chat.Core.Parking;
using Chat.ServiceDefaults;
using Chat.StatusWorker.Audit;
using Chat.StatusWorker.Parking;
using Chat.StatusWorker.Recording;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.StatusWorker;

public static class StatusWorkerExtensions
{
    /// <summary>
    /// Everything that <c>msg.status</c> needs: recording, parking, audit. Needs the log and its reader, the store and the bus.
    /// </summary>
    public static IHostApplicationBuilder AddStatusWorker(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<StatusWorkerOptions>()
            .BindConfiguration(StatusWorkerOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddRetryForever();
        builder.Services.TryAddSingleton<MessageLookup>();
        builder.Services.TryAddSingleton<ReleasedStatuses>();
        builder.Services.AddStatusRecording();
        builder.Services.AddParking();
        builder.Services.AddStatusAudit();
        return builder;
    }
}
