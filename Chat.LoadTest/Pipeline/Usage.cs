using System.Diagnostics;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;

namespace Chat.LoadTest.Pipeline;

/// <summary>What the processes have used up to a moment.</summary>
/// <param name="At">A timestamp of <see cref="Stopwatch"/>.</param>
/// <param name="Cpu">Seconds, by process; of several of one kind the sum.</param>
/// <param name="Requests">To Cassandra; null where it does not tell.</param>
internal sealed record Usage(long At, IReadOnlyDictionary<string, double> Cpu, long? Requests)
{
    /// <summary>The name that this process has among the others: it posts and watches.</summary>
    public const string Generator = "generator";

    /// <summary>The name of all those together that have nothing to do: of the services the floor, and the other way round.</summary>
    public const string AtRest = "at rest";

    /// <param name="working">The processes that it is about, by name.</param>
    /// <param name="resting">Others that are there; null for none.</param>
    public static async Task<Usage> ReadAsync(
        Fleet fleet,
        ServerOptions options,
        IEnumerable<(string Name, double CpuSeconds)> working,
        IEnumerable<(string Name, double CpuSeconds)>? resting,
        CancellationToken cancellationToken)
    {
        var requests = await CassandraRequests.CountAsync(options.CassandraNodes, cancellationToken);
        var cpu = new Dictionary<string, double>();
        var servers = fleet.Servers.All.Select(s => (s.Name, s.CpuSeconds));
        foreach (var kind in working.Concat(servers).GroupBy(p => Instances.KindOf(p.Name)))
            cpu[kind.Key] = kind.Sum(p => p.CpuSeconds);
        if (resting is not null) cpu[AtRest] = resting.Sum(p => p.CpuSeconds);
        cpu[Generator] = Environment.CpuUsage.TotalTime.TotalSeconds;
        return new(Stopwatch.GetTimestamp(), cpu, requests);
    }

    /// <summary>Messages read a second between the two; what each took: milliseconds of CPU by process, requests to Cassandra.</summary>
    /// <param name="all">
    /// The messages among which the use is shared; <paramref name="read"/> where null. Of none nothing is told: CPU of 0, and no requests.
    /// </param>
    public (double ReadPerSecond, IReadOnlyDictionary<string, double> Cpu, double? Requests) Since(Usage before, int read, int? all = null)
    {
        var messages = all ?? read;
        return (
            read / Stopwatch.GetElapsedTime(before.At, At).TotalSeconds,
            Cpu.ToDictionary(p => p.Key, p => messages == 0 ? 0 : (p.Value - before.Cpu[p.Key]) * 1000 / messages),
            messages == 0 ? null : (double?)(Requests - before.Requests) / messages);
    }
}
