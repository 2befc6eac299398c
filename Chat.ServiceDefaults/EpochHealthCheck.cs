using Chat.Core.Log;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.ServiceDefaults;

/// <summary>
/// Unhealthy while another log has taken the store over: nothing is recorded or routed then, and only an operator can end it.
/// </summary>
public sealed class EpochHealthCheck(TopicEpochs epochs) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(epochs.Conflict is { } conflict ? HealthCheckResult.Unhealthy(conflict) : HealthCheckResult.Healthy());
}
