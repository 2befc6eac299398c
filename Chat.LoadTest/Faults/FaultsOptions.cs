using System.CommandLine;
using Chat.CommandLine;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

/// <param name="Scenario">Null for the one of refused events.</param>
/// <param name="Rate">Messages per second.</param>
/// <param name="Sockets">Watching clients on each of the two API instances.</param>
/// <param name="Steady">How long it runs undisturbed before each fault.</param>
/// <param name="Down">From the kill to the start of the same again.</param>
/// <param name="CatchUp">How long to wait at most until it has caught up, after each restart and at the end.</param>
/// <param name="Events">Of the scenario of refused events: all of them.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
/// <param name="Logs">Where the processes' output goes; a temporary folder, removed after success, where null.</param>
internal sealed record FaultsOptions(
    ServerOptions Servers,
    FaultScenario? Scenario,
    double Rate,
    int Conversations,
    int Sockets,
    TimeSpan Steady,
    TimeSpan Down,
    TimeSpan CatchUp,
    int Events,
    string? Report,
    string? Logs)
{
    private const string Refused = "refused";

    private static readonly IReadOnlyList<string> Scenarios = [.. FaultScenario.All.Select(s => s.Name), Refused];

    public static Command CreateCommand(Func<FaultsOptions, CancellationToken, Task<int>> run)
    {
        var servers = new ServerOptions.Reader();
        var scenario = CommandOptions.Text(
            "--scenario", "name", $"What happens: {string.Join(", ", Scenarios)}", FaultScenario.Processes.Name);
        scenario.Validators.Add(result =>
        {
            if (result.Tokens is [var name] && !Scenarios.Contains(name.Value))
                result.AddError($"--scenario: '{name.Value}' is none of {string.Join(", ", Scenarios)}.");
        });
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
        var events = CommandOptions.Count("--events", "All events of the scenario refused", 20_000, least: 1000);
        var (report, logs) = (LoadTestOptions.Report(), LoadTestOptions.Logs());
        var command = new Command(
            "faults",
            "The built services as processes, messages posted at a rate, and one process after the other killed and started again, or "
            + "events among them that are refused: counts the facts that were acknowledged, stored and shown, and searches what the "
            + "processes wrote. Exit code 1 where any is missing, or leaked. Linux; built with -p:FullFeed=true.")
        {
            scenario, rate, conversations, sockets, steady, down, catchUp, events, report, logs,
        };
        servers.AddTo(command);
        command.SetAction((parsed, cancellationToken) => run(
            new(
                servers.Read(parsed),
                FaultScenario.All.FirstOrDefault(s => s.Name == parsed.GetValue(scenario)),
                parsed.GetValue(rate),
                parsed.GetValue(conversations),
                parsed.GetValue(sockets),
                parsed.GetValue(steady),
                parsed.GetValue(down),
                parsed.GetValue(catchUp),
                parsed.GetValue(events),
                parsed.GetValue(report),
                parsed.GetValue(logs)),
            cancellationToken));
        return command;
    }
}
