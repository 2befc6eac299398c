using System.Diagnostics;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;

namespace Chat.LoadTest.Pipeline;

/// <summary>What the processes have used up to a moment.</summary>
/// <param name="At">A timestamp of <see cref="Stopwatch"/>.</param>
/// <param name="Cpu">Seconds, by process.</param>
/// <param name="Requests">To Cassandra; null where it does not tell.</param>
internal sealed record Usage(long At, IReadOnlyDictionary<string, double> Cpu, long? Requests)
{
    /// <summary>The name that this process has among the others: it posts and watches.</summary>
    public const string Generator = "generator";

    public static async Task<Usage> ReadAsync(Fleet fleet, ServerOptions servers, CancellationToken cancellationToken)
    {
        var requests = await CassandraRequests.CountAsync(servers.CassandraNodes, cancellationToken);
        var cpu = new Dictionary<string, double>();
        foreach (var service in fleet.Services.All) cpu[service.Name] = service.CpuSeconds;
        foreach (var server in fleet.Servers.All.GroupBy(s => s.Name.Split('-')[0]))
            cpu[server.Key] = server.Sum(node => node.CpuSeconds);
        cpu[Generator] = Environment.CpuUsage.TotalTime.TotalSeconds;
        return new(Stopwatch.GetTimestamp(), cpu, requests);
    }
}
