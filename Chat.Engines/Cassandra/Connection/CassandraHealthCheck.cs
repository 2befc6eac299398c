using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>Whether a quorum of the replicas of some row answers: what every read of the store needs.</summary>
internal sealed class CassandraHealthCheck(CassandraConnection connection) : IHealthCheck
{
    private static readonly Cql Ask = new("SELECT head FROM conversation_heads WHERE conversation_id = ?");

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var session = await connection.GetAsync(cancellationToken);
            await session.FindAsync(Ask, cancellationToken, Guid.Empty);
            return HealthCheckResult.Healthy();
        }
#pragma warning disable CA1031 // Whatever it is, it is what the check is for.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new(context.Registration.FailureStatus, exception.Message, exception);
        }
    }
}
