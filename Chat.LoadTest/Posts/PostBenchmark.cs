using System.Diagnostics;
using System.Globalization;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.LoadTest.Deployment;
using Chat.LoadTest.InProcess;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.LoadTest.Posts;

/// <summary>
/// What a post costs until it is on disk, and how long it takes, beside the log alone. One process has the API and the engines; the
/// clients are in another one.
/// </summary>
internal static class PostBenchmark
{
    private const int Conversations = 100;
    private const string FloorTopic = "bench.floor";
    private const string Key = "a-key-of-the-benchmark-and-of-nothing-else";

    private static readonly string[] Contestants = ["without a key", "with a key", "the log alone"];

    private sealed record Measured(PostRound Round, double CpuMicroseconds);

    public static Task<int> RunAsync(PostBenchmarkOptions options, CancellationToken cancelled) => LoadTest.Report.RunAsync(
        options.Report, (folder, cancellationToken) => RunAsync(options, folder, cancellationToken), cancelled);

    private static async Task<(string Report, bool Good)> RunAsync(
        PostBenchmarkOptions options, string folder, CancellationToken cancellationToken)
    {
        // Nothing here takes what is posted: it stays in the log.
        var (app, address) = ChatHost.Build(
            folder, Key, ("Messages:PostsPerSecond", "0"), ("Messages:NewConversationCost", "1"), ("Backpressure:MaxWait", "00:00:00"));
        await using var ended = app;
        await app.StartAsync(cancellationToken);
        var log = app.Services.GetRequiredService<IEventLog>();
        var ids = new IdSource(TimeProvider.System);
        using var clients = ChildProgram.Start(PostClients.CommandName, address.ToString(), Key);
        await clients.ExpectAsync("READY", cancellationToken);
        var results = Contestants.ToDictionary(c => c, _ => new List<Measured>());
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var contestant in Contestants)
            {
                var cpu = CpuTime();
                var measured = contestant == Contestants[^1]
                    ? await AppendAsync(log, ids, options, cancellationToken)
                    : await PostAsync(clients, options, withKey: contestant == Contestants[1], cancellationToken);
                var one = new Measured(measured, (CpuTime() - cpu).TotalMicroseconds / measured.Posts);
                Console.Error.WriteLine(
                    $"{contestant} round {round}: {measured.PerSecond:N0}/s, p99 {measured.Latency.P99:F1} ms, "
                    + $"{one.CpuMicroseconds:F1} µs, {measured.Refused} refused");
                if (round >= 0) results[contestant].Add(one);
            }
        }
        await app.StopAsync(cancellationToken);
        return (Report(options, results), results.Values.All(rounds => rounds.All(r => r.Round.Refused == 0)));
    }

    private static async Task<PostRound> PostAsync(
        ChildProgram clients, PostBenchmarkOptions options, bool withKey, CancellationToken cancellationToken)
    {
        await clients.SayAsync(string.Create(
            CultureInfo.InvariantCulture, $"post {options.Rate} {options.Duration.TotalSeconds} {withKey}"));
        return PostRound.Read((await clients.ExpectAsync("DONE ", cancellationToken, options.Duration))["DONE ".Length..]);
    }

    /// <summary>The events of the same posts, each an append of its own.</summary>
    private static async Task<PostRound> AppendAsync(
        IEventLog log, IdSource ids, PostBenchmarkOptions options, CancellationToken cancellationToken)
    {
        var latencies = new LatencyHistogram();
        var appends = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        await OpenLoop.RunAsync(
            options.Rate, options.Duration, (number, due) => appends.Add(AppendOneAsync(number, due)), cancellationToken);
        await Task.WhenAll(appends);
        return new(appends.Count, 0, Stopwatch.GetElapsedTime(started).TotalSeconds, latencies.Summarize());

        async Task AppendOneAsync(long number, long due)
        {
            var message = Samples.MessageOf(ids, (int)(number % Conversations));
            var appended = new NewEvent(FloorTopic, MessageIds.Format(message.ConversationId), MessageEventJson.Write(message));
            await log.AppendAsync([appended], CancellationToken.None);
            latencies.Record(due, Stopwatch.GetTimestamp());
        }
    }

    private static TimeSpan CpuTime() => Process.GetCurrentProcess().TotalProcessorTime;

    private static string Report(PostBenchmarkOptions options, Dictionary<string, List<Measured>> results)
    {
        var text = new Markdown()
            .Line("# Posts on the embedded engines")
            .Line()
            .Line($"- Machine: {Machine.Describe()}. API, engines and clients share it.")
            .Line(
                "- Command: `dotnet run -c Release --project Chat.LoadTest -p:FullFeed=false -- posts "
                + $"--rate {options.Rate} --duration {options.Duration.TotalSeconds}s --rounds {options.Rounds} --report …`")
            .Line(
                $"- A round: {OpenLoop.Count(options.Rate, options.Duration):N0} posts to {Conversations} conversations at a steady rate, "
                + "whether or not those before were answered; a post is answered once it is on disk. *The log alone*: the events of as "
                + "many posts appended, each by itself, in the process that has the log. Milliseconds are of what was acknowledged, "
                + "from when each was due.")
            .Line(
                "- Median (least – greatest) of the rounds, which alternate. CPU is that of the process with API and engines; the "
                + "clients are another process.")
            .Line()
            .Columns("posts", "acknowledged/s", "p50 ms", "p99 ms", "most ms", "CPU µs/post", "refused");
        foreach (var (name, rounds) in results)
        {
            text.Row(
                name,
                Show(rounds, r => r.Round.PerSecond, "N0"),
                Show(rounds, r => r.Round.Latency.P50, "F1"),
                Show(rounds, r => r.Round.Latency.P99, "F1"),
                Show(rounds, r => r.Round.Latency.Most, "F1"),
                Show(rounds, r => r.CpuMicroseconds, "F1"),
                rounds.Sum(r => r.Round.Refused).ToString("N0"));
        }
        return text.ToString();
    }

    private static string Show(List<Measured> rounds, Func<Measured, double> figure, string format) =>
        new Figures(rounds.Select(figure)).Show(format);
}
