using Chat.Core.Audit;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.StatusWorker.Audit;

internal static class AuditExtensions
{
    /// <summary>
    /// Compares, once an interval, what this worker committed with what the store holds. Needs the log and its reader, and the
    /// store.
    /// </summary>
    public static IServiceCollection AddStatusAudit(this IServiceCollection services)
    {
        services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<AuditStores>();
        services.AddSingleton<AuditMetrics>();
        services.AddHostedService<StatusAuditor>();
        return services;
    }
}
