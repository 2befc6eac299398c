using System.Globalization;

namespace Chat.LoadTest.Distributed;

/// <summary>
/// Memory of a process, in MiB: what several share counts for each in proportion, so that the sum of all is what they take together.
/// </summary>
/// <param name="Total">With what it has mapped of files and is in memory: programs, and of Cassandra its data.</param>
/// <param name="Own">Of it what is of no file.</param>
internal sealed record ProcessMemory(double Total, double Own)
{
    private const double KiBPerMiB = 1024;

    public static ProcessMemory Of(ChildProcess process) => Parse(File.ReadAllText($"/proc/{process.Id}/smaps_rollup"));

    /// <summary>As Linux writes <c>smaps_rollup</c>: lines as <c>Pss_Anon: 112 kB</c>.</summary>
    public static ProcessMemory Parse(string rollup)
    {
        return new(Read("Pss:"), Read("Pss_Anon:"));

        double Read(string name)
        {
            var line = rollup.Split('\n').First(l => l.StartsWith(name, StringComparison.Ordinal));
            return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / KiBPerMiB;
        }
    }

    public static ProcessMemory Sum(IEnumerable<ProcessMemory> all) =>
        all.Aggregate(new ProcessMemory(0, 0), (sum, one) => new(sum.Total + one.Total, sum.Own + one.Own));
}
