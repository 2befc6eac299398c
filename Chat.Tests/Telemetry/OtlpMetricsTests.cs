using System.Collections.Concurrent;
using System.Text;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
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

    [Fact]
    public async Task Hosts_that_somebody_else_names_make_no_series()
    {
        await using var host = await ApiHost.StartAsync();
        using var client = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(
            () => client.GetAsync(new Uri("http://a-strangers-host.invalid:1/"), TestContext.Current.CancellationToken));

        var scraped = "";
        await Until.TrueAsync(
            async () => (scraped = (await host.GetAsync("/metrics")).Body).Contains(
                "http_client_request_duration_seconds_count{", StringComparison.Ordinal),
            "the request is measured");
        Assert.DoesNotContain("a-strangers-host", scraped, StringComparison.Ordinal);
    }

    // Of two replicas that have no id the series are one to a collector.
    [Theory]
    [InlineData(null, null)]
    [InlineData("chat-api", null)]
    [InlineData("chat-api", "service.instance.id=replica-7")]
    public async Task Each_process_has_an_id_of_its_own(string? name, string? attributes)
    {
        await using var host = await ApiHost.StartAsync(new()
        {
            ["OTEL_SERVICE_NAME"] = name,
            ["OTEL_RESOURCE_ATTRIBUTES"] = attributes,
        });

        var resource = host.App.Services.GetRequiredService<MeterProvider>().GetResource().Attributes.ToDictionary();
        if (name is not null) Assert.Equal(name, resource["service.name"]);
        var id = Assert.IsType<string>(resource["service.instance.id"]);
        // A new one of each process, where nobody gave one.
        if (attributes is null) Assert.True(Guid.TryParse(id, out _), id);
        else Assert.Equal("replica-7", id);
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
