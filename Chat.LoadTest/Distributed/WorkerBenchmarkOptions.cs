using System.CommandLine;
using Chat.CommandLine;

namespace Chat.LoadTest.Distributed;

/// <param name="Events">Status events of one round, three for each message.</param>
/// <param name="Rounds">Rounds of each contestant.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
/// <param name="Logs">Where the processes' output goes; a temporary folder, removed after success, where null.</param>
internal sealed record WorkerBenchmarkOptions(ServerOptions Servers, int Events, int Rounds, string? Report, string? Logs)
{
    public static Command CreateCommand(Func<WorkerBenchmarkOptions, CancellationToken, Task<int>> run)
    {
        var servers = new ServerOptions.Reader();
        var events = CommandOptions.Count(
            "--events", "Status events of a round, three for each message; rounded down to that", 30_000, least: 3);
        var rounds = LoadTestOptions.Rounds("Rounds of each contestant; one more warms up");
        var (report, logs) = (LoadTestOptions.Report(), LoadTestOptions.Logs());
        var command = new Command(
            "worker",
            "Status events per second that one Chat.StatusWorker process takes from Kafka to Cassandra and Redis, beside a consumer that "
            + "does nothing, in turn, and the CPU of each process for an event. Linux; built with -p:FullFeed=true.")
        {
            events, rounds, report, logs,
        };
        servers.AddTo(command);
        command.SetAction((parsed, cancellationToken) => run(
            new(
                servers.Read(parsed),
                parsed.GetValue(events) / 3 * 3,
                parsed.GetValue(rounds),
                parsed.GetValue(report),
                parsed.GetValue(logs)),
            cancellationToken));
        return command;
    }
}
