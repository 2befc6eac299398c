using System.Reflection;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Pipeline.History;
using Chat.LoadTest.PipelineFloor;

namespace Chat.LoadTest.Pipeline;

internal static class PipelineReport
{
    public static Markdown Write(PipelineOptions options, PipelineResult result)
    {
        var text = new Markdown();
        WriteIntroduction(text, options);
        var floor = result.Steps.Where(s => s.IsFloor).ToList();
        var services = result.Steps.Where(s => !s.IsFloor).ToList();
        WriteTimes(text, services, "POST to SENT on the socket p50, ms");
        if (options.Once) WriteRefusals(text, services);
        if (options.Beside > 0) WriteBeside(text, options, services);
        WriteCpu(text, services);
        MemoryReport.Write(text, result);
        if (result.Fills.Count > 0) HistoryReport.Write(text, result.Fills, services);
        if (floor.Count > 0) FloorReport.Write(text, services, floor);
        return text;
    }

    private static void WriteIntroduction(Markdown text, PipelineOptions options) => text
        .Line($"## From the post to the socket{(options.Keys ? ", with idempotency keys" : "")}")
        .Line()
        .Line("```bash")
        .Line("dotnet run -c Release --project Chat.LoadTest -- pipeline \\")
        .Line("  --kafka-run 'KAFKA' --cassandra-run 'CASSANDRA' --redis-run 'REDIS' \\")
        .Line(
            $"  --rates {string.Join(',', options.Rates)} --seconds {options.Seconds.TotalSeconds} --rounds {options.Rounds} "
            + $"--conversations {options.Conversations}{(options.Keys ? " --keys" : "")}"
            + (options.Once ? " --once" : "")
            + (options.Beside > 0 ? $" --beside {options.Beside}" : "")
            + (options.Floor ? " --floor" : "")
            + (options.Stored.Count > 0 ? $" --stored {string.Join(',', options.Stored)}" : "")
            + (options.StatusWorkers > 1 ? $" --status-workers {options.StatusWorkers}" : "")
            + string.Concat(options.Settings.Select(s => $" --set {s}")))
        .Line("```")
        .Line()
        .Line($"- {DateTime.UtcNow:yyyy-MM-dd}, {Machine.Describe()}, built for {Configuration}.")
        .Line("  Servers, services and the generator (posts and the watching client) share it;")
        .Line($"  load average over 5 minutes at the end: {LoadAverage.OfFiveMinutes()}.")
        .Line($"- Servers: {options.Servers.Versions}.")
        .Line(
            $"- Each rate for {options.Seconds.TotalSeconds} s, after {options.Settle.TotalSeconds} s that don't count; before the first "
            + $"{options.WarmUp.TotalSeconds} s to warm up.")
        .Line(options.Rounds == 1
            ? "- One round."
            : $"- Median (least – greatest) of {options.Rounds} rounds, each with every rate in turn.")
        .Line();

    private static string Configuration =>
        typeof(PipelineReport).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "what is not known";

    /// <param name="sent">What the column of the times until SENT is called.</param>
    public static void WriteTimes(Markdown text, IReadOnlyList<PipelineStep> steps, string sent)
    {
        text.Columns(
            "posts/s", "POST p50, ms", "POST p99, ms", sent, "p99, ms", "read/s",
            "requests to Cassandra a message", "tries repeated", "missing");
        foreach (var rate in steps.GroupBy(s => s.Label))
        {
            text.Row(
                rate.Key,
                Show(rate, s => s.Post.P50, "F1"),
                Show(rate, s => s.Post.P99, "F1"),
                Show(rate, s => s.Sent.P50, "F1"),
                Show(rate, s => s.Sent.P99, "F1"),
                Show(rate, s => s.ReadPerSecond, "N0"),
                rate.All(s => s.Requests is not null) ? Show(rate, s => s.Requests!.Value, "F1") : "not known",
                $"{rate.Sum(s => s.Retries):N0}",
                $"{rate.Sum(s => s.Missing):N0}");
        }
    }

    private static void WriteRefusals(Markdown text, IReadOnlyList<PipelineStep> steps)
    {
        text.Line().Line("Posts are not tried again. Those that were not answered 202:").Line();
        text.Columns(
            "posts/s", "202 in the time measured", "429 or 503 with Retry-After", "such an answer p50, ms", "p99, ms",
            "answered otherwise or not at all");
        foreach (var rate in steps.GroupBy(s => s.Label))
        {
            text.Row(
                rate.Key,
                Show(rate, s => s.Messages, "N0"),
                Show(rate, s => s.Refusals.Told, "N0"),
                Show(rate, s => s.Refusals.Time.P50, "F1"),
                Show(rate, s => s.Refusals.Time.P99, "F1"),
                $"{rate.Sum(s => s.Refusals.Other):N0}");
        }
    }

    private static void WriteBeside(Markdown text, PipelineOptions options, IReadOnlyList<PipelineStep> steps)
    {
        text.Line().Line($"Another organization, which posted {options.Beside}/s meanwhile:").Line();
        text.Columns(
            "posts/s of the first", "202 in the time measured", "POST p50, ms", "POST p99, ms", "POST to SENT on the socket p50, ms",
            "p99, ms", "429 or 503", "missing");
        foreach (var rate in steps.Where(s => s.Beside is not null).GroupBy(s => s.Label))
        {
            text.Row(
                rate.Key,
                Show(rate, s => s.Beside!.Messages, "N0"),
                Show(rate, s => s.Beside!.Post.P50, "F1"),
                Show(rate, s => s.Beside!.Post.P99, "F1"),
                Show(rate, s => s.Beside!.Sent.P50, "F1"),
                Show(rate, s => s.Beside!.Sent.P99, "F1"),
                $"{rate.Sum(s => s.Beside!.Refusals.Told):N0}",
                $"{rate.Sum(s => s.Beside!.Missing):N0}");
        }
    }

    public static void WriteCpu(Markdown text, IReadOnlyList<PipelineStep> steps)
    {
        if (steps.Count == 0) return;
        string[] names = [.. steps[0].Cpu.Keys];
        text.Line().Line("Milliseconds of CPU for a message, by process:").Line();
        text.Columns(["posts/s", .. names, $"sum without {Usage.Generator}"]);
        foreach (var rate in steps.GroupBy(s => s.Label))
        {
            text.Row([
                rate.Key,
                .. names.Select(name => Show(rate, s => s.Cpu[name], "F2")),
                Show(rate, s => s.CpuOfAll, "F2"),
            ]);
        }
    }

    private static string Show(IEnumerable<PipelineStep> rounds, Func<PipelineStep, double> figure, string format)
    {
        double[] values = [.. rounds.Select(figure)];
        return values.Length == 1 ? values[0].ToString(format) : new Figures(values).Show(format);
    }
}
