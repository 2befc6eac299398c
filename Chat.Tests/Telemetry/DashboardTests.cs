using System.Net;
using System.Text.Json.Nodes;
using Chat.Tests.Graph;
using Chat.Tests.Repository;

namespace Chat.Tests.Telemetry;

/// <summary>The dashboard shows what is measured: each panel's queries, by a real Prometheus on a real scrape.</summary>
public sealed class DashboardTests(StandaloneProcess standalone) : IClassFixture<StandaloneProcess>
{
    /// <summary>Names a file: what Prometheus answers to each panel is drawn into it, after two minutes of traffic.</summary>
    private const string PictureVariable = "CHAT_DASHBOARD_PICTURE";

    private static readonly TimeSpan PictureTime = TimeSpan.FromMinutes(2);

    // Scraped each second, where Grafana would put in four times the interval.
    private const string RateInterval = "10s";

    // What only happens when something is wrong, or after hours: a metric of a query that may have no series yet.
    private static readonly string[] MayBeEmpty =
    [
        "chat_requests_limited_total", "chat_status_parked_waiting", "chat_status_parked_given_up_total", "chat_log_lost_total",
        "chat_audit_missing_total", "chat_hub_repairs_total", "chat_hub_repair_duration_seconds", "chat_status_publish_given_up_total",
        "chat_hub_closes_total", "chat_hub_conflations_total", "chat_retries_total",
    ];

    public static TheoryData<string> WhatIsShown =>
    [
        "chat_hub_connections", "chat_hub_deliveries_total", "chat_hub_event_to_socket_duration_seconds", "chat:consumer_lag:sum",
        "chat_dead_letters_total", "chat_hub_repairs_total", "messaging_client_operation_duration_seconds", "chat_retries_total",
        "chat_messages_accepted_total", "chat_requests_limited_total", "chat:event_to_socket_late:ratio_rate1h",
    ];

    [Theory]
    [MemberData(nameof(WhatIsShown))]
    public void It_shows(string metric) =>
        Assert.Contains(Dashboard.Panels, p => p.Queries.Any(q => PromQl.MetricsOf(q.Expression).Contains(metric)));

    [Fact]
    public void Its_panels_have_names_and_places_of_their_own_and_the_data_source_that_is_provisioned()
    {
        var panels = Dashboard.Json.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, Dashboard.Panels.Select(p => p.Title).Distinct().Count());
        Assert.Equal(panels.Count, panels.Select(p => p.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.Equal(
            panels.Count,
            panels.Select(p => p.GetProperty("gridPos")).Select(g => (g.GetProperty("x").GetInt32(), g.GetProperty("y").GetInt32()))
                .Distinct().Count());
        Assert.All(panels, p => Assert.False(string.IsNullOrEmpty(p.GetProperty("description").GetString())));
        var source = File.ReadAllText(
            Path.Combine(SourceFiles.Root, "deploy", "grafana", "provisioning", "datasources", "prometheus.yaml"));
        Assert.All(
            panels, p => Assert.Contains($"uid: {p.GetProperty("datasource").GetProperty("uid").GetString()}\n", source));
    }

    [Fact]
    public void Its_queries_are_about_what_is_measured_or_recorded() => Assert.All(
        Dashboard.Panels.SelectMany(p => p.Queries).Where(q => !q.Expression.Contains("ALERTS{", StringComparison.Ordinal)),
        query =>
        {
            var metrics = PromQl.MetricsOf(query.Expression);
            Assert.NotEmpty(metrics);
            Assert.All(metrics, PrometheusRulesTests.AssertIsThere);
        });

    [Fact]
    public async Task Prometheus_answers_each_query_with_series()
    {
        await using var prometheus = await PrometheusServer.StartAsync(standalone.Apis[0]);
        using var traffic = new CancellationTokenSource();
        var driving = DriveAsync(traffic.Token);
        try
        {
            var queries = Dashboard.Panels.SelectMany(p => p.Queries).Select(q => q.Expression).ToList();
            var empty = queries;
            await Until.TrueAsync(
                async () =>
                {
                    empty = await EmptyAsync(prometheus, empty);
                    return empty.All(IsAllowedToBeEmpty);
                },
                "each query has series, but for those of what is wrong",
                within: TimeSpan.FromMinutes(1));
            if (Environment.GetEnvironmentVariable(PictureVariable) is { Length: > 0 } picture)
                await DrawAsync(prometheus, driving, picture);
        }
        finally
        {
            await traffic.CancelAsync();
            await driving;
        }
    }

    private static bool IsAllowedToBeEmpty(string query) => PromQl.MetricsOf(query).Any(MayBeEmpty.Contains) || query.Contains("5..");

    private static async Task<List<string>> EmptyAsync(PrometheusServer prometheus, IEnumerable<string> queries)
    {
        var empty = new List<string>();
        foreach (var query in queries)
        {
            if (await prometheus.CountAsync(Ready(query)) == 0) empty.Add(query);
        }
        return empty;
    }

    private static string Ready(string query) => query.Replace("$__rate_interval", RateInterval, StringComparison.Ordinal);

    private static async Task DrawAsync(PrometheusServer prometheus, Task driving, string picture)
    {
        await Task.WhenAny(driving, Task.Delay(PictureTime, TestContext.Current.CancellationToken));
        var drawn = new List<DrawnPanel>();
        foreach (var panel in Dashboard.Panels)
        {
            var lines = new List<DrawnLine>();
            foreach (var query in panel.Queries)
            {
                var series = await prometheus.RangeAsync(Ready(query.Expression), PictureTime, TimeSpan.FromSeconds(1));
                lines.AddRange(series.Select(s => new DrawnLine(s.Named(query.Legend), s.Points)));
            }
            drawn.Add(new(panel.Title, panel.Unit, lines));
        }
        DashboardPicture.Save(drawn, picture);
    }

    // People who post and watch, one after the other; one of them comes back, and a stranger's status becomes a dead letter.
    private async Task DriveAsync(CancellationToken stopped)
    {
        using var user = new TestUser(standalone);
        var conversation = Guid.NewGuid();
        Guid? first = null;
        while (!stopped.IsCancellationRequested)
        {
            await using var socket = await user.OpenAsync();
            await socket.SubscribeAsync(conversation, since: first is null ? null : 0);
            for (var i = 0; i < 5; i++)
            {
                var message = await user.PostAsync(conversation);
                if (first is null) await ReportAsStrangerAsync(user, conversation, message);
                first ??= message;
            }
            await user.WaitForStatusAsync(first!.Value, "READ");
        }
    }

    private async Task ReportAsStrangerAsync(TestUser user, Guid conversation, Guid message)
    {
        var status = new JsonObject
        {
            ["message_id"] = message.ToString("D"),
            ["channel"] = "whatsapp",
            ["status"] = "READ",
            ["conversation_id"] = conversation.ToString("D"),
            ["organizacao_id"] = Guid.NewGuid().ToString("D"),
        };
        using var response = await user.SendAsync(HttpMethod.Post, "/v1/callbacks/status", status, bearer: standalone.CallbackKey);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }
}
