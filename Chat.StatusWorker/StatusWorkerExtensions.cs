using Chat.Core.Audit;
using Chat.Core.Parking;
using Chat.Core.Time;
using Chat.StatusWorker.Audit;
using Chat.StatusWorker.Batches;
using Chat.StatusWorker.Parking;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.StatusWorker;

public static class StatusWorkerExtensions
{
    /// <summary>Consumes <c>msg.status</c>: facts and changes into the store, frames onto the bus. Needs the log, the store, the bus and the log's reader.</summary>
    public static IHostApplicationBuilder AddStatusWorker(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<StatusWorkerOptions>().BindConfiguration(StatusWorkerOptions.Section);
        builder.Services.AddOptions<AuditOptions>()
            .BindConfiguration(AuditOptions.Section)
            .Validate(o => o.Interval >= TimeSpan.Zero && o.Interval <= TimeSpan.FromDays(30), "Audit:Interval must be from 0 to 30 days.")
            .Validate(o => o.Grace >= TimeSpan.Zero, "Audit:Grace must not be below zero.")
            .ValidateOnStart();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(s => new RetryForever(s.GetRequiredService<TimeProvider>()));
        builder.Services.TryAddSingleton<MessageLookup>();
        builder.Services.TryAddSingleton<AuditStores>();
        builder.Services.AddSingleton<StatusStores>();
        builder.Services.AddSingleton<StatusEpochs>();
        builder.Services.AddSingleton<StatusProcessor>();
        builder.Services.AddSingleton<OwnedPartitions>();
        builder.Services.AddHostedService<StatusConsumer>();
        builder.Services.AddHostedService<ParkedSweeper>();
        builder.Services.AddHostedService<StatusAuditor>();
        return builder;
    }
}
