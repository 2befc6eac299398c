using ScottPlot;

namespace Chat.LoadTest.Deployment;

/// <summary>How the latencies of posts and ticks are spread, as a picture.</summary>
internal static class LatencyPicture
{
    private const int Width = 1200;
    private const int Height = 600;
    private const int Lines = 4;

    /// <returns>A PNG.</returns>
    public static byte[] Draw(RunResult result)
    {
        using var plot = new Plot();
        // Posts and ticks: connects are another matter, and happen once.
        foreach (var series in result.Latencies.Take(Lines).Where(s => s.Ms.Count > 0)) Add(plot, series.Name, series.Histogram);
        plot.Title("Latency of posts, and of ticks on the sockets");
        plot.XLabel("milliseconds since the post was due (logarithmic)");
        plot.YLabel("share of all, %");
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
        {
            IntegerTicksOnly = true,
            LabelFormatter = static decade => $"{Math.Pow(10, decade):0.###}",
        };
        plot.Axes.Margins(bottom: 0); // shares begin at 0
        plot.ShowLegend(Alignment.UpperLeft);
        return plot.GetImage(Width, Height).GetImageBytes(ImageFormat.Png);
    }

    private static void Add(Plot plot, string name, IReadOnlyList<LatencyBucket> buckets)
    {
        var all = buckets.Sum(b => b.Count);
        // Each bucket is a step; the line begins and ends on the ground.
        double[] edges = [Math.Log10(buckets[0].FromMs), .. buckets.Select(b => Math.Log10(b.FromMs)), Math.Log10(buckets[^1].ToMs)];
        double[] shares = [0, .. buckets.Select(b => 100.0 * b.Count / all), 0];
        var line = plot.Add.Scatter(edges, shares);
        line.LegendText = name;
        line.ConnectStyle = ConnectStyle.StepHorizontal;
        line.MarkerSize = 0;
        line.LineWidth = 2;
        line.FillY = true;
        line.FillYColor = line.Color.WithAlpha(0.15);
    }
}
