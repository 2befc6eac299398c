using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Engines.Kafka;

/// <summary>Whether the brokers answer. Asks for the cluster's members, and writes nothing.</summary>
internal sealed class KafkaHealthCheck(KafkaClients clients) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var cluster = await clients.Admin.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = Patience })
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy($"{cluster.Nodes.Count} brokers");
        }
        catch (KafkaException exception)
        {
            return new(context.Registration.FailureStatus, exception.Error.Reason);
        }
    }
}
