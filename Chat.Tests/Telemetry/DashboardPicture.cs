using ScottPlot;

namespace Chat.Tests.Telemetry;

/// <summary>A line of a panel: what it is called, and its points by Unix time.</summary>
internal sealed record DrawnLine(string Name, IReadOnlyList<(double UnixTime, double Value)> Points);

/// <summary>A panel with its lines.</summary>
internal sealed record DrawnPanel(string Title, string Unit, IReadOnlyList<DrawnLine> Lines);

/// <summary>What Prometheus answered to a dashboard's panels, drawn where no Grafana is: one small plot for each.</summary>
internal static class DashboardPicture
{
    private const int Columns = 3;
    private const int Width = 560;
    private const int Height = 300;

    /// <summary>Writes a PNG.</summary>
    public static void Save(IReadOnlyList<DrawnPanel> panels, string file)
    {
        var all = new Multiplot();
        all.AddPlots(panels.Count);
        for (var i = 0; i < panels.Count; i++) Draw(all.GetPlot(i), panels[i]);
        var rows = (panels.Count + Columns - 1) / Columns;
        all.Layout = new ScottPlot.MultiplotLayouts.Grid(rows, Columns);
        all.SavePng(file, Width * Columns, Height * rows);
    }

    private static void Draw(Plot plot, DrawnPanel panel)
    {
        plot.Title(panel.Title, size: 14);
        plot.YLabel(panel.Unit, size: 11);
        var end = panel.Lines.SelectMany(l => l.Points).Select(p => p.UnixTime).DefaultIfEmpty().Max();
        foreach (var line in panel.Lines)
        {
            var points = line.Points.Where(p => double.IsFinite(p.Value)).ToList();
            if (points.Count == 0) continue;
            var drawn = plot.Add.Scatter(points.Select(p => p.UnixTime - end).ToArray(), points.Select(p => p.Value).ToArray());
            drawn.LegendText = line.Name;
            drawn.MarkerSize = points.Count == 1 ? 5 : 0;
            drawn.LineWidth = 1.5f;
        }
        if (plot.GetPlottables().Any())
        {
            plot.Axes.Margins(bottom: 0);
            plot.Axes.SetLimitsY(0, Math.Max(plot.Axes.GetLimits().Top, 1e-3));
            plot.ShowLegend(Alignment.UpperLeft).FontSize = 10;
        }
        else plot.Add.Annotation("nothing, as it should be", Alignment.MiddleCenter);
    }
}
