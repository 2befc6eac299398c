using System.Globalization;
using System.Text.Json;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;

namespace Chat.Tests.Telemetry;

/// <summary>
/// A Prometheus of a test's own, Debian's, on a loopback port: it scrapes one process each second and evaluates the rules that are
/// deployed, each second too.
/// </summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly ServerProcess _process;
    private readonly HttpClient _http;

    private PrometheusServer(DirectoryInfo folder, ServerProcess process)
    {
        (_folder, _process) = (folder, process);
        _http = new() { BaseAddress = new Uri($"http://{process.Address}") };
    }

    /// <summary>Starts it; the calling test is skipped where there is none.</summary>
    public static async Task<PrometheusServer> StartAsync(Uri target)
    {
        var program = ServerProcess.Find("prometheus");
        Assert.SkipWhen(program is null, "prometheus, of Debian's package of that name, is not here.");
        var folder = Directory.CreateTempSubdirectory("chat-prometheus-");
        var config = Path.Combine(folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(
            config,
            $$"""
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ["{{Path.Combine(PrometheusRules.Folder, "rules.yml")}}"]
            scrape_configs:
              - job_name: chat
                static_configs: [{targets: ["{{target.Authority}}"]}]
            """,
            TestContext.Current.CancellationToken);
        var port = ServerProcess.FreePorts();
        var process = new ServerProcess(
            port,
            program!,
            [
                $"--config.file={config}", $"--web.listen-address=127.0.0.1:{port}",
                $"--storage.tsdb.path={Path.Combine(folder.FullName, "data")}", "--log.level=warn",
            ]);
        await process.StartAsync();
        var server = new PrometheusServer(folder, process);
        await Until.TrueAsync(server.IsReadyAsync, "Prometheus is ready");
        return server;
    }

    /// <summary>The names of the alerts that fire.</summary>
    public async Task<IReadOnlyList<string>> FiringAsync() =>
    [
        .. (await GetAsync("/api/v1/alerts")).GetProperty("alerts").EnumerateArray()
            .Where(a => a.GetProperty("state").GetString() == "firing")
            .Select(a => a.GetProperty("labels").GetProperty("alertname").GetString()!),
    ];

    /// <summary>How many series a query has now; fails where Prometheus can't answer it.</summary>
    public async Task<int> CountAsync(string query) =>
        (await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}")).GetProperty("result").GetArrayLength();

    /// <summary>A query's series over a time that ends now: labels, and points of Unix time and value.</summary>
    public async Task<IReadOnlyList<PrometheusSeries>> RangeAsync(string query, TimeSpan last, TimeSpan step)
    {
        var end = (await GetAsync("/api/v1/query?query=time()")).GetProperty("result")[0].GetDouble();
        var start = end - last.TotalSeconds;
        var answer = await GetAsync(
            $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={start:F3}&end={end:F3}&step={step.TotalSeconds}");
        return
        [
            .. answer.GetProperty("result").EnumerateArray().Select(series => new PrometheusSeries(
                series.GetProperty("metric").EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString()!),
                [.. series.GetProperty("values").EnumerateArray().Select(p => (p[0].GetDouble(), Number(p[1].GetString()!)))])),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    // It listens before it answers.
    private async Task<bool> IsReadyAsync()
    {
        using var response = await _http.GetAsync("/-/ready", TestContext.Current.CancellationToken);
        return response.IsSuccessStatusCode;
    }

    private static double Number(string text) =>
        double.Parse(text.Replace("Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture);

    private async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {body}");
        return JsonElement.Parse(body).GetProperty("data");
    }
}

/// <summary>A series that Prometheus answered.</summary>
internal sealed record PrometheusSeries(
    IReadOnlyDictionary<string, string> Labels, IReadOnlyList<(double UnixTime, double Value)> Points)
{
    /// <summary>As a dashboard's legend names it: <c>{{label}}</c> is the label's value.</summary>
    public string Named(string legend) =>
        Labels.Aggregate(legend, (text, label) => text.Replace($"{{{{{label.Key}}}}}", label.Value, StringComparison.Ordinal));
}
