using Cassandra;
using Chat.Core.Engines;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// Whether a quorum of the replicas of some row takes a write, which is what every call of the store needs: rows of a table of its own,
/// each elsewhere in the ring, which expire within a minute.
/// </summary>
internal sealed class CassandraHealthCheck(CassandraConnection connection, TimeProvider time) : IHealthCheck
{
    private static readonly Cql Write = new("INSERT INTO health_checks (id, at) VALUES (?, ?)");

    private readonly HealthProbe _probe = new(
        async ct =>
        {
            var session = await connection.GetAsync(ct);
            await session.ExecuteAsync(Write, ct, Guid.NewGuid(), time.GetUtcNow());
        },
        Describe,
        time);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await _probe.AskAsync(cancellationToken) is { } problem
            ? new(context.Registration.FailureStatus, problem)
            : HealthCheckResult.Healthy();

    // The driver's own messages name the nodes.
    private static string Describe(Exception exception) => exception switch
    {
        NoHostAvailableException => "no node answers",
        UnavailableException or WriteTimeoutException or WriteFailureException => "fewer replicas take a write than a quorum",
        TimeoutException => "was not reached yet",
        _ => $"a write failed ({exception.GetType().Name})",
    };
}
