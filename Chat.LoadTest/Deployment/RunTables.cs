using System.Globalization;

namespace Chat.LoadTest.Deployment;

/// <summary>A table of the report, for the console and for a page alike.</summary>
/// <param name="Note">A line below it; null where there is none.</param>
internal sealed record ReportTable(
    string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, string? Note = null);

/// <summary>What was found, as tables.</summary>
internal static class RunTables
{
    // In the report that is read; the JSON file has more of them.
    private const int MostShown = 20;

    public static string Verdict(RunResult result) =>
        (result.InterruptedAfterSeconds is { } seconds ? $"Interrupted after {seconds:F1} s of measuring. " : "")
        + string.Concat(result.FailedBeside.Select(failed => $"FAILED beside the posts: {failed.TrimEnd('.')}. "))
        + (result.Limits.All(l => l.IsMet)
            ? "Within all limits."
            : $"NOT within its limits: {string.Join("; ", result.Limits.Where(l => !l.IsMet).Select(Explain))}.");

    public static IReadOnlyList<ReportTable> Of(RunResult result) =>
    [
        Limits(result),
        Latencies(result),
        Ticks(result),
        .. result.Ticks.Missing.Count > 0 ? [Missing(result)] : Array.Empty<ReportTable>(),
        Posts(result),
        .. result.Process is { Samples.Count: > 0 } process ? [Server(process)] : Array.Empty<ReportTable>(),
        Generator(result),
    ];

    private static string Explain(Limit limit) => $"{limit.What}: {limit.Measured}, and at most {limit.Most} by {limit.Option}";

    private static ReportTable Limits(RunResult result) => new(
        "Limits",
        ["what", "option", "at most", "measured", "met"],
        [.. result.Limits.Select(l => (IReadOnlyList<string>)[l.What, l.Option, l.Most, l.Measured, l.IsMet ? "yes" : "NO"])]);

    private static ReportTable Latencies(RunResult result) => new(
        "Latency, ms",
        ["what", "count", "p50", "p90", "p99", "p99.9", "most"],
        [
            .. result.Latencies.Select(s => Row(s.Name, s.Ms)),
            .. result.Floor is { } floor
                ? [Row($"floor: echo on this machine, {floor.PerSecond:0.#}/s", floor.RoundTrip)]
                : Array.Empty<IReadOnlyList<string>>(),
        ],
        $"{string.Join("; ", result.Latencies.GroupBy(s => s.From, s => s.Name).Select(g => $"{string.Join(", ", g)}: {g.Key}"))}. "
        + "Without the warm-up. What the floor has too is this machine's, not the deployment's.");

    private static ReportTable Ticks(RunResult result) => new(
        "Ticks",
        ["status", "expected", "shown", "missing"],
        [
            .. result.Ticks.ByStatus.Select(s => (IReadOnlyList<string>)[s.Status, $"{s.Expected:N0}", $"{s.Shown:N0}", $"{s.Missing:N0}"]),
        ],
        $"Each message with a 202 × each socket that watches its conversation; a status stands for those below it. "
        + $"{Share(result.Ticks.MissingShare)} of {result.Ticks.ExpectedTicks:N0} are missing, {result.CatchUpSeconds:F1} s after the last "
        + $"post. Messages shown as FAILED: {result.Ticks.Failed:N0}. Sockets: {result.Sockets.Connections:N0}, which came back "
        + $"{result.Sockets.Reconnects:N0} times after a close{(result.Sockets.LastError is { } error ? $" (last: {error})" : "")}."
        + (result.Sockets.Cut == 0 ? "" : $" Connections cut by --churn: {result.Sockets.Cut:N0}.")
        + (result.Sockets.SlowReaders == 0
            ? ""
            : $" Slow readers beside them: {result.Sockets.SlowReaders:N0}; closed as too slow {result.Sockets.SlowClosed:N0} times, "
                + $"ended in another way or not let in {result.Sockets.SlowLost:N0} times."));

    private static ReportTable Missing(RunResult result) => new(
        "Missing",
        ["message", "conversation", "socket", "not shown"],
        [
            .. result.Ticks.Missing.Take(MostShown).Select(m => (IReadOnlyList<string>)
                [$"{m.MessageId:D}", $"{m.ConversationId:D}", $"{m.Socket}", string.Join(", ", m.Statuses)]),
        ],
        result.Ticks.Missing.Count > MostShown
            ? $"The first {MostShown} of {result.Ticks.Missing.Count:N0}; report.json has them."
            : null);

    private static ReportTable Posts(RunResult result) => new(
        "Posts",
        ["answer", "posts", "for example"],
        [
            ["202", $"{result.Posts.Accepted:N0}", ""],
            .. result.Posts.Refused.Select(r => (IReadOnlyList<string>)[r.Answer, $"{r.Count:N0}", r.Example]),
            .. result.Posts.Unanswered > 0
                ? [["none when the run was over", $"{result.Posts.Unanswered:N0}", ""]]
                : Array.Empty<IReadOnlyList<string>>(),
        ],
        result.Posts.NeverAcknowledged == 0
            ? "With those of the warm-up."
            : $"With those of the warm-up. Messages that were shown though their posts had no 202: {result.Posts.NeverAcknowledged:N0}.");

    private static ReportTable Server(ProcessFigures process)
    {
        // As many rows as are read; the JSON file has each look.
        var step = Math.Max(1, process.Samples.Count / MostShown);
        return new(
            "Server's process",
            ["after, s", "resident memory, MiB", "cores"],
            [
                .. process.Samples.Chunk(step).Select(part => (IReadOnlyList<string>)
                    [$"{part[^1].Seconds:F0}", $"{part[^1].ResidentMiB:F0}", $"{part.Average(s => s.Cores):F2}"]),
            ],
            process.Growth is { } growth
                ? $"By medians, {growth:P1} from the second quarter of the run to the last."
                : "The run is too short to say whether its memory grows.");
    }

    private static ReportTable Generator(RunResult result) => new(
        "Generator",
        ["what", "figure"],
        [
            [
                "posts begun later than they were due, ms: p50, p99, most",
                $"{result.Generator.Late.P50:F1}, {result.Generator.Late.P99:F1}, {result.Generator.Late.Most:F1}",
            ],
            ["cores that it used while it measured", $"{result.Generator.CpuCores:F2}"],
            ["machine", result.Machine],
        ],
        "Where it is late, or uses all cores, the figures are its own and not the deployment's: give it a machine to itself, or a lower "
        + "--rate.");

    private static IReadOnlyList<string> Row(string what, Latency ms) =>
        [what, $"{ms.Count:N0}", Show(ms.P50), Show(ms.P90), Show(ms.P99), Show(ms.P999), Show(ms.Most)];

    private static string Show(double ms) => ms.ToString(ms < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);

    private static string Share(double share) => share == 0 ? "None" : $"{share * 100:0.####} %";
}
