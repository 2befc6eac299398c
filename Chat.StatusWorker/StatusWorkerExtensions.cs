using Chat.Core.Time;
using Chat.StatusWorker.Batches;
using Chat.StatusWorker.Parking;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.StatusWorker;

public static class StatusWorkerExtensions
{
    /// <summary>Consumes <c>msg.status</c>: facts and changes into the store, frames onto the bus. Needs the three ports.</summary>
    public static IHostApplicationBuilder AddStatusWorker(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<StatusWorkerOptions>().BindConfiguration(StatusWorkerOptions.Section);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(s => new RetryForever(s.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<StatusEpochs>();
        builder.Services.AddSingleton<StatusProcessor>();
        builder.Services.AddHostedService<StatusConsumer>();
        builder.Services.AddHostedService<ParkedSweeper>();
        return builder;
    }
}
