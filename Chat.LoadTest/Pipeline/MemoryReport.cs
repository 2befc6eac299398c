using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Pipeline;

/// <summary>The table of memory: at rest, and at the end of each rate.</summary>
internal static class MemoryReport
{
    public static void Write(Markdown text, PipelineResult result)
    {
        if (result.AtRest.Count == 0) return;
        string[] names = [.. result.AtRest[0].Processes.Keys];
        text.Line()
            .Line("MiB of memory, by process: proportional (`Pss`), and of it what is of no mapped file; of several rounds the median:")
            .Line()
            .Columns(["posts/s", .. names, "sum"]);
        foreach (var rest in result.AtRest) WriteRow(text, rest.Moment, names, [rest.Processes]);
        foreach (var rate in result.Steps.Where(s => s.Memory is not null).GroupBy(s => s.Label))
            WriteRow(text, rate.Key, names, [.. rate.Select(s => s.Memory!)]);
    }

    private static void WriteRow(
        Markdown text, string label, string[] names, IReadOnlyList<IReadOnlyDictionary<string, ProcessMemory>> rounds) => text.Row([
            label,
            .. names.Select(name => Show([.. rounds.Select(r => r[name])])),
            Show([.. rounds.Select(r => ProcessMemory.Sum(r.Values))]),
        ]);

    private static string Show(IReadOnlyList<ProcessMemory> rounds) =>
        $"{new Figures(rounds.Select(m => m.Total)).Median:N0}; {new Figures(rounds.Select(m => m.Own)).Median:N0}";
}
