using System.Collections.Concurrent;
using System.Text;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;

namespace Chat.Tests.Telemetry;

/// <summary>What goes out by OTLP, and where to.</summary>
// Alone, as MetricsTableTests.
[Collection(SpanListening.Name)]
public sealed class OtlpMetricsTests
{
    // As the AppHost sets it where Prometheus runs beside: traces and logs go to the dashboard, metrics to Prometheus.
    [Fact]
    public async Task Metrics_go_to_a_place_of_their_own_where_one_is_set()
    {
        var received = new ConcurrentQueue<(string? Type, string Body)>();
        await using var prometheus = await ReceiveAsync("/api/v1/otlp/v1/metrics", received);
        await using var host = await ApiHost.StartAsync(new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9",
            ["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] = $"{prometheus.Urls.First()}/api/v1/otlp/v1/metrics",
        });
        await host.GetAsync("/v1/channels", new Desk().Token);

        // A request is measured once its answer is out: the first export may come before it.
        var provider = host.App.Services.GetRequiredService<MeterProvider>();
        await Until.TrueAsync(
            () =>
            {
                provider.ForceFlush();
                return received.Any(r => r.Body.Contains("http.server.request.duration", StringComparison.Ordinal));
            },
            "the request's duration is exported");

        Assert.All(received, request => Assert.Equal("application/x-protobuf", request.Type));
    }

    private static async Task<WebApplication> ReceiveAsync(string path, ConcurrentQueue<(string? Type, string Body)> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost(path, async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.Enqueue((request.ContentType, Encoding.Latin1.GetString(body.ToArray())));
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
