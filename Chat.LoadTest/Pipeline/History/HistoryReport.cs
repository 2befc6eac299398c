namespace Chat.LoadTest.Pipeline.History;

/// <summary>The table of what a message costs by how many there are already.</summary>
internal static class HistoryReport
{
    public static void Write(Markdown text, IReadOnlyList<Fill> fills, IReadOnlyList<PipelineStep> steps)
    {
        text.Line()
            .Line("### History")
            .Line()
            .Line("The same rates with so many messages stored, a tenth of them in one conversation of those that are posted to; medians.")
            .Line("`times the first` is the CPU of all but the generator beside that of the same rate with the fewest stored.")
            .Line()
            .Columns(
                "stored", "filled, messages/s", "Cassandra at rest after, s", "posts/s", "read/s",
                "CPU ms a message: services; Kafka; Cassandra", "of all", "times the first", "POST to SENT p50, ms", "p99, ms",
                "requests to Cassandra a message");
        foreach (var fill in fills)
        {
            foreach (var rate in steps.Where(s => s.Stored == fill.Stored).GroupBy(s => s.Rate))
            {
                var first = steps.Where(s => s.Stored == fills[0].Stored && s.Rate == rate.Key);
                text.Row(
                    $"{fill.Stored:N0}",
                    $"{fill.PerSecond:N0}",
                    $"{fill.Rest.TotalSeconds:N0}",
                    $"{rate.Key}",
                    $"{Median(rate, s => s.ReadPerSecond):N0}",
                    $"{Median(rate, s => s.CpuOfServices):F2}; {Median(rate, s => s.CpuOf("kafka")):F2}; "
                    + $"{Median(rate, s => s.CpuOf("cassandra")):F2}",
                    $"{Median(rate, s => s.CpuOfAll):F2}",
                    $"{Median(rate, s => s.CpuOfAll) / Median(first, s => s.CpuOfAll):F2}",
                    $"{Median(rate, s => s.Sent.P50):F1}",
                    $"{Median(rate, s => s.Sent.P99):F1}",
                    rate.All(s => s.Requests is not null) ? $"{Median(rate, s => s.Requests!.Value):F1}" : "not known");
            }
        }
    }

    private static double Median(IEnumerable<PipelineStep> steps, Func<PipelineStep, double> figure) =>
        new Figures(steps.Select(figure)).Median;
}
