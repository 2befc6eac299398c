using System.CommandLine;
using Chat.CommandLine;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <param name="Rate">Messages per second.</param>
/// <param name="Sockets">Watching clients on each of the two API instances.</param>
/// <param name="Steady">How long it runs undisturbed before each fault.</param>
/// <param name="Down">From the kill to the start of the same again.</param>
/// <param name="CatchUp">How long to wait at most until it has caught up, after each restart and at the end.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
/// <param name="Logs">Where the processes' output goes; a temporary folder, removed after success, where null.</param>
internal sealed record FaultsOptions(
    ServerOptions Servers,
    double Rate,
    int Conversations,
    int Sockets,
    TimeSpan Steady,
    TimeSpan Down,
    TimeSpan CatchUp,
    string? Report,
    string? Logs)
{
    public static Command CreateCommand(Func<FaultsOptions, Task<int>> run)
    {
        var servers = new ServerOptions.Reader();
        var rate = CommandOptions.Rate("--rate", "Messages posted per second", 500);
        var conversations = CommandOptions.Count("--conversations", "Conversations that they are posted to", 50);
        var sockets = CommandOptions.Count("--sockets", "Watching clients on each of the two API instances", 2);
        var steady = CommandOptions.Duration(
            "--steady", "How long it runs undisturbed before each fault; seconds, or with a unit", TimeSpan.FromSeconds(10));
        var down = CommandOptions.Duration("--down", "From a kill to the start of the same process again", TimeSpan.FromSeconds(10));
        var catchUp = CommandOptions.Duration(
            "--catch-up",
            "How long to wait at most until the clients have caught up, after each restart and at the end",
            TimeSpan.FromSeconds(120));
        var (report, logs) = (LoadTestOptions.Report(), LoadTestOptions.Logs());
        var command = new Command(
            "faults",
            "The built services as processes, messages posted at a rate, and one process after the other killed and started again: counts "
            + "the facts that were acknowledged, stored and shown. Exit code 1 where any is missing. Linux; built with -p:FullFeed=true.")
        {
            rate, conversations, sockets, steady, down, catchUp, report, logs,
        };
        servers.AddTo(command);
        command.SetAction(parsed => run(new(
            servers.Read(parsed),
            parsed.GetValue(rate),
            parsed.GetValue(conversations),
            parsed.GetValue(sockets),
            parsed.GetValue(steady),
            parsed.GetValue(down),
            parsed.GetValue(catchUp),
            parsed.GetValue(report),
            parsed.GetValue(logs))));
        return command;
    }
}
