using System.Diagnostics.Metrics;
using System.Net;
using Chat.Api.Http;
using Chat.Api.Hub;
using Chat.Connectors;
using Chat.Connectors.Providers;
using Chat.Core.Audit;
using Chat.Core.Log;
using Chat.Core.Providers;
using Chat.Core.Telemetry;
using Chat.RouterWorker;
using Chat.ServiceDefaults;
using Chat.StatusWorker;
using Chat.StatusWorker.Audit;
using Chat.StatusWorker.Parking;
using Chat.StatusWorker.Recording;
using Chat.Tests.Api;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry.Metrics;

namespace Chat.Tests.Telemetry;

/// <summary>What a process with all services measures is what docs/operations.md describes, and nothing is missing.</summary>
// Alone: hosts of one process share the exporter's series, and the end of another one takes away what this one has counted.
[Collection(SpanListening.Name)]
public sealed class MetricsTableTests
{
    private static readonly string[] Bounds =
        ["0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "60", "+Inf"];

    [Fact]
    public Task On_the_embedded_engines() => CheckAsync([], system: "embedded");

    [Fact]
    public async Task On_Kafka_and_Redis()
    {
        await using var redis = await RedisServer.TryStartAsync();
        await using var kafka = KafkaServer.TryMake();
        Assert.SkipWhen(redis is null || kafka is null, "redis-server, or a Kafka to run (KAFKA_RUN), is missing.");
        await kafka!.Process.StartAsync();
        await CheckAsync(
            new() { ["ConnectionStrings:kafka"] = kafka.Process.Address, ["ConnectionStrings:redis"] = redis!.Address }, system: "kafka");
    }

    [Fact]
    public void A_duration_is_in_seconds()
    {
        var histograms = MetricsTable.Ours.Where(m => m.Type == "histogram").ToList();
        Assert.NotEmpty(histograms);
        Assert.All(histograms, m => Assert.Equal("s", m.Unit));
    }

    [Fact]
    public async Task A_latency_has_the_trace_of_one_that_it_counted_as_its_exemplar()
    {
        var exported = new Exported();
        await using var host = await StartAsync(
            new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9" },
            services => services.ConfigureOpenTelemetryMeterProvider((_, metrics) =>
                metrics.AddReader(new BaseExportingMetricReader(exported))));
        await using var user = new WatchingUser(host);
        await user.WatchAsync();
        await user.PostAsync("whatsapp");

        // Where it goes to by OTLP nobody listens.
        host.App.Services.GetRequiredService<MeterProvider>().ForceFlush();
        Assert.Contains("chat.hub.event_to_socket.duration", exported.WithExemplars);
        // As Prometheus asks.
        using var prometheus = new HttpClient { BaseAddress = host.Client.BaseAddress };
        prometheus.DefaultRequestHeaders.Add("Accept", "application/openmetrics-text;version=1.0.0");
        var scraped = await prometheus.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Matches("chat_hub_event_to_socket_duration_seconds_bucket.* # \\{.*trace_id=", scraped);
    }

    private static async Task CheckAsync(Dictionary<string, string?> engines, string system)
    {
        using var instruments = new Instruments();
        await using var host = await StartAsync(engines);
        await using var user = new WatchingUser(host);
        await user.WatchAsync();
        await user.PostAsync("whatsapp");
        await host.Log.AppendAsync(
            new NewEvent(Topics.Status, "key", "not a status"u8.ToArray()), TestContext.Current.CancellationToken);
        MeasureWhatIsRare(host.App.Services, system);

        Scrape scrape = null!;
        await Until.TrueAsync(
            async () =>
            {
                scrape = new((await host.GetAsync("/metrics")).Is(HttpStatusCode.OK).Body);
                return scrape.Types.ContainsKey("chat_consumer_lag") && scrape.LabelsOf("chat_dead_letters_total").Count > 0;
            },
            "the lag of the groups and the dead letter are measured");

        AssertAsDocumented(scrape);
        Assert.Equal(
            MetricsTable.Ours.Select(m => (m.Name, m.Type, m.Unit)).Order(), instruments.Seen.Order());
        Assert.Contains(scrape.Series, s => s.Labels.GetValueOrDefault("messaging_system") == system);
    }

    private static void AssertAsDocumented(Scrape scrape)
    {
        Assert.Equal(
            MetricsTable.Ours.Select(m => m.Prometheus).Order(StringComparer.Ordinal),
            scrape.Types.Keys
                .Where(name => name.Split('_')[0] is "chat" or "messaging")
                .Order(StringComparer.Ordinal));
        Assert.All(MetricsTable.Ours.Concat(MetricsTable.Others), metric =>
        {
            Assert.Equal((metric.Prometheus, metric.PrometheusType), (metric.Prometheus, scrape.Types[metric.Prometheus]));
            if (metric.Labels is { } labels)
            {
                Assert.Equal(
                    (metric.Name, string.Join(' ', labels.Select(l => l.Replace('.', '_')))),
                    (metric.Name, string.Join(' ', scrape.LabelsOf(metric.Prometheus))));
            }
            if (metric is { Type: "histogram", Labels: not null })
            {
                Assert.Equal(
                    Bounds,
                    scrape.Series.Where(s => s.Metric == metric.Prometheus).Select(s => s.Labels.GetValueOrDefault("le"))
                        .OfType<string>().Distinct());
            }
        });
    }

    // What a test could only have by breaking a server, or by waiting for days.
    private static void MeasureWhatIsRare(IServiceProvider services, string system)
    {
        var api = services.GetRequiredService<ApiMetrics>();
        api.Refused("posts");
        api.CallbacksAccepted(1);
        api.CallbacksRejected(1);
        api.WebhookReceived("whatsapp", "accepted");
        services.GetRequiredService<Chat.Connectors.Webhooks.WebhookMetrics>().Read("whatsapp", "status");
        var hub = services.GetRequiredService<HubMetrics>();
        hub.Conflated(1);
        hub.ClosedByServer(4008);
        hub.Resumed(recovered: true);
        hub.RepairStarted("gap");
        hub.RepairEnded(TimeSpan.FromSeconds(1));
        hub.StoreRead();
        hub.FrameReceived();
        hub.Shown(TimeSpan.FromSeconds(1));
        var parking = services.GetRequiredService<ParkingMetrics>();
        parking.Waiting(1);
        parking.GivenUp(1);
        parking.NotOurs(1);
        var statuses = services.GetRequiredService<StatusMetrics>();
        statuses.PublishGivenUp(1);
        statuses.Superseded();
        services.GetRequiredService<AuditMetrics>().Audited(new AuditTally(static _ => { }));
        var connectors = services.GetRequiredService<ConnectorMetrics>();
        connectors.CallbackEnded("accepted");
        connectors.Answered("whatsapp", SendOutcome.Accepted);
        connectors.Held("whatsapp", LaterScope.Account);
        connectors.PutBack("whatsapp", 1);
        LogFailures.Count();
        LogLoss.Report(NullLogger.Instance, "status-worker", new TopicPartition(Topics.Status, 0), count: 1, from: 0);
        EpochCounts.Claimed(Topics.Status);
        EpochCounts.Refused(Topics.Status);
        Retries.Failed("record");
        new MeasuredAppend(system, [new(Topics.Status, "", default)], TimeProvider.System).Dispose();
    }

    private static Task<ApiHost> StartAsync(Dictionary<string, string?> settings, Action<IServiceCollection>? configure = null) =>
        ApiHost.StartAsync(
            new(settings)
            {
                ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00",
                ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00",
            },
            configure: builder =>
            {
                builder.AddRouterWorker();
                builder.AddStatusWorker();
                builder.AddConnectors();
                configure?.Invoke(builder.Services);
            });

    /// <summary>Somebody who posts into a conversation and watches it.</summary>
    private sealed class WatchingUser(ApiHost host) : IAsyncDisposable
    {
        private readonly Desk _desk = new();
        private TestSocket? _socket;

        public async Task WatchAsync()
        {
            _socket = await TestSocket.OpenAsync(host.Client.BaseAddress!, _desk.Token);
            await _socket.ExpectAsync("connected");
            await _socket.SubscribeAsync(_desk.Conversation);
        }

        /// <summary>Until READ has reached the socket.</summary>
        public async Task PostAsync(string channel)
        {
            var posted = await host.PostAsync("/v1/messages", _desk.Token, _desk.Body(more: $",\"canal\":\"{channel}\""));
            var message = posted.Is(HttpStatusCode.Accepted).Json.GetProperty("messageId").GetGuid();
            while (true)
            {
                var frame = await _socket!.NextAsync();
                if (frame.Is("message.status") && frame.Id("messageId") == message && frame.Text("status") == "READ") return;
            }
        }

        public ValueTask DisposeAsync() => _socket?.DisposeAsync() ?? default;
    }

    /// <summary>The project's instruments: name, type and unit.</summary>
    private sealed class Instruments : IDisposable
    {
        private readonly HashSet<(string, string, string)> _seen = [];
        private readonly MeterListener _listener = new();

        public Instruments()
        {
            _listener.InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name != ChatTelemetry.Name) return;
                lock (_seen) _seen.Add((instrument.Name, TypeOf(instrument), instrument.Unit ?? ""));
            };
            _listener.Start();
        }

        public IReadOnlyList<(string Name, string Type, string Unit)> Seen
        {
            get
            {
                lock (_seen) return [.. _seen];
            }
        }

        public void Dispose() => _listener.Dispose();

        private static string TypeOf(Instrument instrument)
        {
            var name = instrument.GetType().Name;
            return name[..name.IndexOf('`', StringComparison.Ordinal)]
                .Replace("Observable", "", StringComparison.Ordinal)
                .ToLowerInvariant();
        }
    }

    /// <summary>Which metrics went out with an exemplar that names a trace.</summary>
    private sealed class Exported : OpenTelemetry.BaseExporter<Metric>
    {
        public HashSet<string> WithExemplars { get; } = [];

        public override OpenTelemetry.ExportResult Export(in OpenTelemetry.Batch<Metric> batch)
        {
            foreach (var metric in batch)
            {
                foreach (ref readonly var point in metric.GetMetricPoints())
                {
                    if (!point.TryGetExemplars(out var exemplars)) continue;
                    foreach (ref readonly var exemplar in exemplars)
                    {
                        if (exemplar.TraceId != default) WithExemplars.Add(metric.Name);
                    }
                }
            }
            return OpenTelemetry.ExportResult.Success;
        }
    }
}
