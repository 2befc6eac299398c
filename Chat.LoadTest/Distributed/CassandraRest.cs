using System.Diagnostics;

namespace Chat.LoadTest.Distributed;

/// <summary>Whether Cassandra still works off what was written: compactions, and whatever else takes its time.</summary>
internal sealed class CassandraRest(Servers servers, ServerOptions options)
{
    /// <summary>Of a core; a node that has nothing to do takes some hundredths.</summary>
    private const double LeastCores = 0.2;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>For so long there has been nothing: a compaction that ends may begin the next.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(8);

    private static readonly CassandraQuery Compactions = new(
        "SELECT sum(CAST(active_tasks + pending_tasks AS bigint)) FROM system_views.thread_pools WHERE name = 'CompactionExecutor'");

    /// <summary>Waits until it is at rest, and where it is not in time says so. Answers with how long that took.</summary>
    public async Task<TimeSpan> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (since, cpu) = (started, Cpu);
        while (Stopwatch.GetElapsedTime(started) < timeout)
        {
            await Task.Delay(Look, cancellationToken);
            var quiet = Stopwatch.GetElapsedTime(since);
            var isBusy = Cpu - cpu > Math.Max(quiet.TotalSeconds, Quiet.TotalSeconds / 2) * LeastCores * options.CassandraNodes.Count;
            if (isBusy || await Compactions.SumAsync(options.CassandraNodes, cancellationToken) is > 0)
                (since, cpu) = (Stopwatch.GetTimestamp(), Cpu);
            else if (quiet >= Quiet)
                return Stopwatch.GetElapsedTime(started);
        }
        Progress.Say($"Cassandra is not at rest within {timeout.TotalSeconds:F0} s");
        return Stopwatch.GetElapsedTime(started);
    }

    private double Cpu => servers.Cassandra.Sum(node => node.CpuSeconds);
}
