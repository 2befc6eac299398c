using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.StatusWorker.Recording;

/// <summary>Unhealthy while another log has taken the store over: nothing is recorded then, and only an operator can end it.</summary>
internal sealed class EpochHealthCheck(StatusEpochs epochs) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(epochs.Conflict is { } conflict ? HealthCheckResult.Unhealthy(conflict) : HealthCheckResult.Healthy());
}
