using Chat.Core.Engines;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Engines.Embedded;

/// <summary>
/// Whether a write reaches the disk: a row is inserted and deleted again in one transaction, so that nobody ever sees it.
/// </summary>
internal sealed class EmbeddedHealthCheck(Func<CancellationToken, Task> write, TimeProvider time) : IHealthCheck
{
    // More than a page, so that it finds no room where an event or a row would find none.
    public const int Bytes = 16 << 10;

    private readonly HealthProbe _probe = new(write, Describe, time);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await _probe.AskAsync(cancellationToken) is { } problem
            ? new(context.Registration.FailureStatus, problem)
            : HealthCheckResult.Healthy();

    // The messages of other exceptions may name a path.
    private static string Describe(Exception exception) =>
        exception is SqliteException ? FileFault.Of(exception).Cause : exception.GetType().Name;
}
