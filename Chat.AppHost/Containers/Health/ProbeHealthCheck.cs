using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.AppHost.Containers.Health;

/// <summary>
/// A server's health by its probe. Until its first answer it is <em>starting</em> (Degraded) and not <em>failed</em>: nothing is
/// wrong with a node that takes its usual half minute. Whoever waits for it waits for Healthy in both cases.
/// </summary>
internal sealed class ProbeHealthCheck(EndpointReference endpoint, ServerProbe probe) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private volatile bool _answered;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            if (!await AskAsync(deadline.Token)) return NotServing(null);
            _answered = true;
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return NotServing(exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return NotServing(exception);
        }

        HealthCheckResult NotServing(Exception? exception) => _answered
            ? new(context.Registration.FailureStatus, "It no longer answers.", exception)
            : HealthCheckResult.Degraded("It is starting.");
    }

    private async Task<bool> AskAsync(CancellationToken ct)
    {
        var host = await endpoint.Property(EndpointProperty.Host).GetValueAsync(ct);
        var port = await endpoint.Property(EndpointProperty.Port).GetValueAsync(ct);
        using var client = new TcpClient();
        await client.ConnectAsync(host!, int.Parse(port!, CultureInfo.InvariantCulture), ct);
        return await probe.ServesAsync(client.GetStream(), ct);
    }
}

internal static class ProbeExtensions
{
    /// <summary>Makes the probe the resource's one health check.</summary>
    public static IResourceBuilder<T> WithProbe<T>(this IResourceBuilder<T> builder, EndpointReference endpoint, ServerProbe probe)
        where T : IResource
    {
        foreach (var other in builder.Resource.Annotations.OfType<HealthCheckAnnotation>().ToList())
        {
            builder.Resource.Annotations.Remove(other);
        }
        var key = $"{builder.Resource.Name}_probe";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(
            new HealthCheckRegistration(key, new ProbeHealthCheck(endpoint, probe), failureStatus: null, tags: null));
        return builder.WithHealthCheck(key);
    }
}
