using System.CommandLine;
using Chat.CommandLine;

namespace Chat.LoadTest.Away;

/// <param name="Conversations">What the client watches.</param>
/// <param name="Changes">Status changes while it is away, over all of them; rounded to three a message.</param>
/// <param name="Rounds">How many times each way back is taken.</param>
/// <param name="SlowBytesPerSecond">What the slow client reads.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
internal sealed record AwayOptions(int Conversations, int Changes, int Rounds, int SlowBytesPerSecond, string? Report)
{
    public static Command CreateCommand(Func<AwayOptions, CancellationToken, Task<int>> run)
    {
        var conversations = CommandOptions.Count("--conversations", "Conversations that the client watches", 1000);
        var changes = CommandOptions.Count(
            "--changes", "Status changes while it is away, in all conversations together, three for each message", 100_000, least: 3);
        var rounds = LoadTestOptions.Rounds("How many times each way back is taken; one more warms up");
        var slow = CommandOptions.Count("--slow", "Bytes per second that the slow client reads", 2_000_000);
        var report = LoadTestOptions.Report();
        var command = new Command(
            "away",
            "A client that comes back after many changes in many conversations: time, bytes and reads of the store by resuming, by "
            + "resuming over a slow link, and by loading all pages over REST, in turn. On the embedded engines, in this process.")
        {
            conversations, changes, rounds, slow, report,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetValue(conversations),
                parsed.GetValue(changes),
                parsed.GetValue(rounds),
                parsed.GetValue(slow),
                parsed.GetValue(report)),
            cancellationToken));
        return command;
    }
}
