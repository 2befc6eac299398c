using System.CommandLine;
using Chat.CommandLine;

namespace Chat.LoadTest.Status;

/// <param name="Events">Status events of one round, three for each message.</param>
/// <param name="Rounds">Rounds of each contestant.</param>
/// <param name="Stored">Messages stored before the second half.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
internal sealed record StatusBenchmarkOptions(int Events, int Rounds, int Stored, string? Report)
{
    public static Command CreateCommand(Func<StatusBenchmarkOptions, CancellationToken, Task<int>> run)
    {
        var events = CommandOptions.Count(
            "--events", "Status events of a round, three for each message; rounded down to that", 120_000, least: 3);
        var rounds = LoadTestOptions.Rounds("Rounds of each contestant; one more warms up");
        var stored = CommandOptions.Count("--stored", "Messages stored before the second half, rounded up to thousands", 1_000_000);
        var report = LoadTestOptions.Report();
        var command = new Command(
            "status",
            "Status events per second through log, status worker, store and bus to 100 sockets, beside a worker that does nothing, in "
            + "turn; then the same again with messages stored. On the embedded engines, in this process.")
        {
            events, rounds, stored, report,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetValue(events) / 3 * 3, parsed.GetValue(rounds), parsed.GetValue(stored), parsed.GetValue(report)),
            cancellationToken));
        return command;
    }
}
