using System.Diagnostics.Metrics;
using Chat.Core.Telemetry;
using Chat.ServiceDefaults.Tracing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Chat.ServiceDefaults;

/// <summary>
/// OpenTelemetry: metrics are there for <c>/metrics</c> (<c>Metrics:Enabled</c>); traces, logs and metrics go out over OTLP where
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. Spans cost work, so they are only made where somebody takes them, as many as
/// <see cref="TracingOptions"/> says.
/// </summary>
internal static class Telemetry
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ServiceName = "OTEL_SERVICE_NAME";
    private const string ResourceAttributes = "OTEL_RESOURCE_ATTRIBUTES";
    private const string InstanceId = "service.instance.id=";

    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<TracingOptions>()
            .BindConfiguration(TracingOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
            {
                var named = builder.Configuration[ServiceName];
                // Of two replicas with one name and no id the series are one to whatever collects them.
                var hasId = builder.Configuration[ResourceAttributes]?.Contains(InstanceId, StringComparison.Ordinal) == true;
                resource.AddService(
                    string.IsNullOrEmpty(named) ? builder.Environment.ApplicationName : named, autoGenerateServiceInstanceId: !hasId);
            });
        if (MetricsOptions.AreEnabled(builder.Configuration))
        {
            telemetry.WithMetrics(metrics => metrics
                .AddMeter(ChatTelemetry.Name)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddView(WithoutForeignNames)
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter());
        }
        if (string.IsNullOrEmpty(builder.Configuration[OtlpEndpoint])) return;

        builder.Logging.AddOpenTelemetry(logging =>
        {
            logging.IncludeFormattedMessage = true;
            logging.IncludeScopes = true;
        });
        // A latency's bucket links to the trace of one that fell into it.
        if (MetricsOptions.AreEnabled(builder.Configuration))
            telemetry.WithMetrics(metrics => metrics.SetExemplarFilter(ExemplarFilterType.TraceBased));
        // Before the options can be validated, which the start does.
        if (builder.Configuration.GetValue($"{TracingOptions.Section}:{nameof(TracingOptions.Enabled)}", true))
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource(ChatTelemetry.Name)
                .SetSampler(CreateSampler)
                .AddAspNetCoreInstrumentation(http => http.Filter = IsWorthASpan)
                .AddHttpClientInstrumentation());
        }
        telemetry.UseOtlpExporter();
    }

    // Files that people send come from hosts that webhooks name: each name would be a series.
    private static MetricStreamConfiguration? WithoutForeignNames(Instrument instrument) => instrument.Meter.Name switch
    {
        "System.Net.Http" => new()
        {
            TagKeys =
            [
                "http.request.method", "http.response.status_code", "error.type", "http.connection.state", "network.protocol.version",
            ],
        },
        "System.Net.NameResolution" => MetricStreamConfiguration.Drop,
        _ => null,
    };

    private static KeepingSampler CreateSampler(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<TracingOptions>>().Value;
        var head = StandardSampler.From(options.SampleRatio, services.GetRequiredService<IConfiguration>());
        return new(head, options, services.GetService<TimeProvider>() ?? TimeProvider.System);
    }

    // A socket's span would last as long as the socket and tell nothing; what it carries has spans of its own.
    private static bool IsWorthASpan(HttpContext context) => context.Request.Path.Value is not { } path
        || !(path.StartsWith("/ws", StringComparison.Ordinal) || path is "/health" or "/alive" or "/metrics");
}
