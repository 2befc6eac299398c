using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Chat.Core.Webhooks;
using Chat.LoadTest.Deployment;

namespace Chat.LoadTest.Webhooks;

/// <summary>Posts signed webhooks at a steady rate, and measures how long it takes until each is acknowledged.</summary>
internal static class WebhookRun
{
    // Made before the clock starts, and posted in turn: making and signing one costs as much as taking it does.
    private const int Bodies = 64;

    // With bodies of its own, so that of those that are measured only the later ones repeat one.
    private const int WarmUps = 4;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <param name="cancellationToken">Ends the posts early: the report is of those that were begun.</param>
    /// <param name="timeout">For an answer; 30 s where null.</param>
    public static async Task<int> RunAsync(
        WebhookOptions options, TextWriter output, CancellationToken cancellationToken, TimeSpan? timeout = null)
    {
        var bodies = Enumerable.Range(0, Bodies + WarmUps).Select(i => NewBody(options, i)).ToArray();
        var signatures = bodies.Select(b => WebhookSignature.Sign(b, options.Secret)).ToArray();
        using var client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = timeout ?? Timeout,
        };
        var address = new UriBuilder(options.Url)
        {
            Path = options.Url.AbsolutePath.TrimEnd('/') + options.Path,
            Query = "",
            Fragment = "",
        }.Uri;
        // Connections and code are warm before anything is measured.
        await Task.WhenAll(Enumerable.Range(Bodies, WarmUps).Select(i =>
            PostAsync(client, address, bodies[i], signatures[i], cancellationToken)));

        var latencies = new LatencyHistogram();
        var answers = new ConcurrentDictionary<string, int>();
        var posts = new ConcurrentBag<Task>();
        var started = Stopwatch.GetTimestamp();
        var isWhole = true;
        try
        {
            await OpenLoop.RunAsync(
                options.Rate / options.Updates,
                options.Duration,
                (number, due) => posts.Add(MeasureAsync(number, due)),
                cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !posts.IsEmpty)
        {
            isWhole = false;
        }
        await Task.WhenAll(posts);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

        var latency = latencies.Summarize();
        var taken = answers.GetValueOrDefault("200");
        var isGood = taken == answers.Values.Sum() && latency.P99 <= options.MaxP99.TotalMilliseconds;
        var report = Write(options, bodies[0].Length, answers, taken * options.Updates / seconds, latency, isWhole);
        await output.WriteLineAsync(report);
        if (options.Report is { } file) await File.WriteAllTextAsync(file, report, CancellationToken.None);
        return isGood ? 0 : 1;

        async Task MeasureAsync(long number, long due)
        {
            var which = (int)(number % Bodies);
            var answer = await PostAsync(client, address, bodies[which], signatures[which], CancellationToken.None);
            latencies.Record(due, Stopwatch.GetTimestamp());
            answers.AddOrUpdate(answer, 1, (_, count) => count + 1);
        }
    }

    private static async Task<string> PostAsync(
        HttpClient client, Uri address, byte[] body, string signature, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add(WebhookSignature.Header, signature);
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            return ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException exception)
        {
            return exception.HttpRequestError.ToString();
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {client.Timeout.TotalSeconds:0.#} s";
        }
    }

    private static byte[] NewBody(WebhookOptions options, int number)
    {
        var random = new Random(number);
        var id = new byte[45];
        var statuses = Enumerable.Range(0, options.Updates).Select(_ =>
        {
            random.NextBytes(id);
            return $$$"""
                {"id":"wamid.{{{Convert.ToBase64String(id)}}}","status":"delivered","timestamp":"1790000123",
                "recipient_id":"5511{{{random.Next(900_000_000, 999_999_999)}}}",
                "conversation":{"id":"{{{Convert.ToHexStringLower(id[..16])}}}",
                "origin":{"type":"utility"}},"pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"utility"}}
                """.ReplaceLineEndings("");
        });
        return Encoding.UTF8.GetBytes(
            $$$"""
            {"object":"whatsapp_business_account","entry":[{"id":"900100200","changes":[{"field":"messages","value":{"messaging_product":
            "whatsapp","metadata":{"display_phone_number":"551130000001","phone_number_id":"{{{options.Account}}}"},
            "statuses":[{{{string.Join(',', statuses)}}}]}}]}]}
            """.ReplaceLineEndings(""));
    }

    private static string Write(
        WebhookOptions options,
        int bytes,
        IReadOnlyDictionary<string, int> answers,
        double perSecond,
        Latency latency,
        bool isWhole) => new Markdown()
        .Line("# Webhooks")
        .Line()
        .Line($"{options.Rate:F0} updates a second for {options.Duration.TotalSeconds:F0} s, {options.Updates} a request "
            + $"({bytes / 1024} KiB){(isWhole ? "" : "; interrupted before")}. {Machine.Describe()}.")
        .Line($"{Bodies} requests, posted in turn: from the {Bodies + 1}th on each repeats one before.")
        .Line()
        .Columns("acknowledged updates/s", "requests", "p50 ms", "p90 ms", "p99 ms", "most ms")
        .Row(
            perSecond.ToString("F0", CultureInfo.InvariantCulture),
            string.Join(", ", answers.OrderBy(a => a.Key).Select(a => $"{a.Value} × {a.Key}")),
            Show(latency.P50),
            Show(latency.P90),
            Show(latency.P99),
            Show(latency.Most))
        .ToString();

    private static string Show(double milliseconds) => milliseconds.ToString("F1", CultureInfo.InvariantCulture);
}
