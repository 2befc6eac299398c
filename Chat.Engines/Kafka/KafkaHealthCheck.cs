using Chat.Core.Engines;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Engines.Kafka;

/// <summary>
/// Whether the brokers take events. Writes none, since a topic keeps whatever is written to it: every partition has a leader, and
/// the last append of this process did not fail.
/// </summary>
internal sealed class KafkaHealthCheck(KafkaTopics topics, LastAppend lastAppend, TimeProvider time) : IHealthCheck
{
    private readonly HealthProbe _leaders = new(
        ct => topics.CheckLeadersAsync(HealthProbe.Patience, ct),
        exception => exception is KafkaException kafka ? $"does not answer ({kafka.Error.Code})" : exception.Message,
        time);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problem = lastAppend.Error is { } code
            ? $"the last append failed ({code})"
            : await _leaders.AskAsync(cancellationToken).ConfigureAwait(false);
        return problem is null ? HealthCheckResult.Healthy() : new(context.Registration.FailureStatus, problem);
    }
}
