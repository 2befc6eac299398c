using Chat.Core.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Chat.ServiceDefaults;

/// <summary>
/// OpenTelemetry: metrics are always there for <c>/metrics</c>; traces, logs and metrics go out over OTLP where
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. Spans cost work, so they are only made where somebody takes them.
/// </summary>
internal static class Telemetry
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "OTEL_SERVICE_NAME";

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
            {
                var named = !string.IsNullOrEmpty(builder.Configuration[ServiceName]);
                if (!named) resource.AddService(builder.Environment.ApplicationName);
            })
            .WithMetrics(metrics => metrics
                .AddMeter(ChatTelemetry.Name)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter());
        if (string.IsNullOrEmpty(builder.Configuration[OtlpEndpoint])) return;

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        telemetry
            // A latency's bucket links to the trace of one that fell into it.
            .WithMetrics(metrics => metrics.SetExemplarFilter(ExemplarFilterType.TraceBased))
            .WithTracing(tracing => tracing
                .AddSource(ChatTelemetry.Name)
                .AddAspNetCoreInstrumentation(http => http.Filter = IsWorthASpan)
                .AddHttpClientInstrumentation())
            .UseOtlpExporter();
    }

    // A socket's span would last as long as the socket and tell nothing; what it carries has spans of its own.
    private static bool IsWorthASpan(HttpContext context) => context.Request.Path.Value is not { } path
        || !(path.StartsWith("/ws", StringComparison.Ordinal) || path is "/health" or "/alive" or "/metrics");
}
