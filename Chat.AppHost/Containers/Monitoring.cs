using Microsoft.Extensions.Configuration;

namespace Chat.AppHost.Containers;

/// <summary>
/// Prometheus with the rules of deploy/prometheus, and Grafana with the dashboard of deploy/grafana, beside a local run that asks for
/// them. A deployment has them by deploy/compose/monitoring.yaml.
/// </summary>
internal static class Monitoring
{
    /// <summary>Configuration: <c>true</c> adds both.</summary>
    public const string Setting = "Monitoring";

    public const string Prometheus = "prometheus";
    public const string Grafana = "grafana";

    /// <summary>Nothing waits for them, and nothing needs them.</summary>
    public static void AddMonitoring(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode || !builder.Configuration.GetValue<bool>(Setting)) return;
        var deploy = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "..", "deploy"));
        var prometheus = builder.AddContainer(Prometheus, "prom/prometheus", "v3.5.0")
            .WithImageRegistry("docker.io")
            .WithBindMount(Path.Combine(deploy, "prometheus"), "/etc/prometheus", isReadOnly: true)
            .WithArgs(
                "--config.file=/etc/prometheus/prometheus.push.yml", "--web.enable-otlp-receiver", "--enable-feature=exemplar-storage")
            .WithHttpEndpoint(targetPort: 9090, name: ChatServices.Http)
            .WithHttpHealthCheck("/-/healthy", endpointName: ChatServices.Http);
        var address = prometheus.GetEndpoint(ChatServices.Http);
        builder.AddContainer(Grafana, "grafana/grafana", "12.1.0")
            .WithImageRegistry("docker.io")
            .WithBindMount(Path.Combine(deploy, "grafana", "provisioning"), "/etc/grafana/provisioning", isReadOnly: true)
            .WithBindMount(Path.Combine(deploy, "grafana", "chat.json"), "/var/lib/grafana/dashboards/chat.json", isReadOnly: true)
            .WithEnvironment("PROMETHEUS_URL", address)
            // On loopback, as everything here: who sees it, sees the Aspire dashboard too.
            .WithEnvironment("GF_AUTH_ANONYMOUS_ENABLED", "true")
            .WithHttpEndpoint(targetPort: 3000, name: ChatServices.Http)
            .WithUrlForEndpoint(ChatServices.Http, _ => new ResourceUrlAnnotation { Url = "/d/chat", DisplayText = "Chat" })
            .WithHttpHealthCheck("/api/health", endpointName: ChatServices.Http);
        foreach (var service in builder.Resources.OfType<ProjectResource>().ToList())
            builder.CreateResourceBuilder(service).SendMetricsTo(address);
    }

    // Replicas are behind one port each service, so that none could be scraped by itself. OpenTelemetry sends a signal to one place: the
    // dashboard keeps traces and logs, and has no metrics then.
    private static void SendMetricsTo(this IResourceBuilder<ProjectResource> service, EndpointReference prometheus) => service
        .WithEnvironment("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf")
        .WithEnvironment("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", ReferenceExpression.Create($"{prometheus}/api/v1/otlp/v1/metrics"));
}
