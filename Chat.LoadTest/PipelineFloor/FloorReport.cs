using Chat.LoadTest.Pipeline;

namespace Chat.LoadTest.PipelineFloor;

/// <summary>The floor's figures below the services', and both beside each other.</summary>
internal static class FloorReport
{
    private const double Share = 0.6;

    public static void Write(Markdown text, IReadOnlyList<PipelineStep> services, IReadOnlyList<PipelineStep> floor)
    {
        text.Line()
            .Line("### Floor")
            .Line()
            .Line("The same servers and rates, each in turn with the services: the same records, rows and publishes by bare clients (four")
            .Line("processes), which look nothing up and read no JSON. POST is an append there, without HTTP, and SENT is seen by a")
            .Line($"subscriber of Redis, without a socket. `{Usage.AtRest}` is the CPU of those that had nothing to do meanwhile; what")
            .Line("they ask the servers for is in the servers' figures.")
            .Line();
        PipelineReport.WriteTimes(text, floor, "POST to SENT at a subscriber p50, ms");
        PipelineReport.WriteCpu(text, floor);
        WriteBesideEachOther(text, services, floor);
    }

    private static void WriteBesideEachOther(
        Markdown text, IReadOnlyList<PipelineStep> services, IReadOnlyList<PipelineStep> floor)
    {
        text.Line().Line("Medians beside each other, services and floor:").Line();
        text.Columns(
            "posts/s", "read/s", "POST to SENT p50, ms", "requests to Cassandra a message", $"CPU ms a message without {Usage.Generator}",
            "times the floor's");
        foreach (var rate in services.GroupBy(s => s.Label))
        {
            PipelineStep[] bare = [.. floor.Where(s => s.Label == rate.Key)];
            if (bare.Length == 0) continue;
            var (cpu, least) = (Median(rate, s => s.CpuOfAll), Median(bare, s => s.CpuOfAll));
            text.Row(
                rate.Key,
                Pair(rate, bare, s => s.ReadPerSecond, "N0"),
                Pair(rate, bare, s => s.Sent.P50, "F1"),
                Pair(rate, bare, s => s.Requests ?? double.NaN, "F1"),
                $"{cpu:F2}, {least:F2}",
                $"{cpu / least:F1}");
        }
        var (most, mostBare) = (Most(services), Most(floor));
        text.Line().Line(
            $"The most that was read: {most:N0}/s by the services, {mostBare:N0}/s by the floor; "
            + $"{Share:F1} of the floor's are {Share * mostBare:N0}.");
    }

    private static double Most(IEnumerable<PipelineStep> steps) =>
        steps.GroupBy(s => s.Label).Max(rate => Median(rate, s => s.ReadPerSecond));

    private static string Pair(
        IEnumerable<PipelineStep> services, IEnumerable<PipelineStep> floor, Func<PipelineStep, double> figure, string format) =>
        $"{Median(services, figure).ToString(format)}, {Median(floor, figure).ToString(format)}";

    private static double Median(IEnumerable<PipelineStep> steps, Func<PipelineStep, double> figure) =>
        new Figures(steps.Select(figure)).Median;
}
