using System.CommandLine;
using Chat.CommandLine;

namespace Chat.LoadTest.Posts;

/// <param name="Rate">Posts per second.</param>
/// <param name="Duration">Of a round of each contestant.</param>
/// <param name="Rounds">Rounds of each contestant.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
internal sealed record PostBenchmarkOptions(double Rate, TimeSpan Duration, int Rounds, string? Report)
{
    public static Command CreateCommand(Func<PostBenchmarkOptions, CancellationToken, Task<int>> run)
    {
        var rate = CommandOptions.Rate("--rate", "Posts per second, whether or not those before were answered", 5000);
        var duration = CommandOptions.Duration("--duration", "Of a round; seconds, or with a unit", TimeSpan.FromSeconds(10));
        var rounds = CommandOptions.Count("--rounds", "Rounds of each contestant; one more warms up", 3);
        var report = LoadTestOptions.Report();
        var command = new Command(
            "posts",
            "POST /v1/messages at a steady rate until each is acknowledged, which is once it is on disk: without an idempotency key, with "
            + "one, and, as the floor, the same events appended to the log alone, in turn. On the embedded engines, in this process; the "
            + "clients are another one. Exit code 1 where any post was not answered 202.")
        {
            rate, duration, rounds, report,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetValue(rate), parsed.GetValue(duration), parsed.GetValue(rounds), parsed.GetValue(report)),
            cancellationToken));
        return command;
    }
}
