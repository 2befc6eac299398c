using System.CommandLine;
using Chat.CommandLine;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Pipeline;

/// <param name="Rates">Messages posted per second, one after the other.</param>
/// <param name="Seconds">How long each rate is measured.</param>
/// <param name="WarmUp">How long messages are posted before the first figure.</param>
/// <param name="Settle">How long each rate is posted before it is measured.</param>
/// <param name="CatchUp">How long to wait at most after each rate until all that was posted is shown as READ.</param>
/// <param name="Keys">Whether each post has an idempotency key.</param>
/// <param name="Once">Whether a post that is refused is counted and not tried again.</param>
/// <param name="Beside">Messages that another organization posts per second meanwhile; 0 for no other.</param>
/// <param name="Floor">Whether the same work by bare clients is measured beside, in turn.</param>
/// <param name="Rounds">How many times each rate is measured, with each number of <paramref name="Stored"/>.</param>
/// <param name="Stored">Messages that are stored before the rates are measured, one number after the other; empty for none.</param>
/// <param name="RestWithin">How long to wait at most, after messages were stored, until Cassandra is at rest.</param>
/// <param name="StatusWorkers">Processes of Chat.StatusWorker.</param>
/// <param name="Settings">Settings of every service, as environment variables.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
/// <param name="Json">Where the figures of each round go; nowhere where null.</param>
/// <param name="Logs">Where the processes' output goes; a temporary folder, removed after success, where null.</param>
internal sealed record PipelineOptions(
    ServerOptions Servers,
    IReadOnlyList<double> Rates,
    TimeSpan Seconds,
    TimeSpan WarmUp,
    TimeSpan Settle,
    TimeSpan CatchUp,
    int Conversations,
    bool Keys,
    bool Once,
    double Beside,
    bool Floor,
    int Rounds,
    IReadOnlyList<int> Stored,
    TimeSpan RestWithin,
    int StatusWorkers,
    IReadOnlyList<string> Settings,
    string? Report,
    string? Json,
    string? Logs)
{
    public static Command CreateCommand(Func<PipelineOptions, CancellationToken, Task<int>> run)
    {
        var servers = new ServerOptions.Reader();
        var rates = CommandOptions.Rates("--rates", "Messages posted per second, one rate after the other", 50, 100, 200, 400, 800);
        var seconds = CommandOptions.Duration(
            "--seconds", "How long each rate is measured; seconds, or with a unit", TimeSpan.FromSeconds(20));
        var warmUp = CommandOptions.Duration(
            "--warm-up",
            "How long messages are posted before the first figure, at the highest rate up to 400/s",
            TimeSpan.FromSeconds(30));
        var settle = CommandOptions.Duration(
            "--settle", "How long each rate is posted before it is measured", TimeSpan.FromSeconds(5));
        var catchUp = CommandOptions.Duration(
            "--catch-up",
            "How long to wait at most after each rate until all that was posted is shown as READ",
            TimeSpan.FromMinutes(2));
        var conversations = CommandOptions.Count("--conversations", "Conversations that they are posted to", 60);
        var keys = CommandOptions.Flag("--keys", "Each post has an Idempotency-Key");
        var once = CommandOptions.Flag(
            "--once", "A post that is refused is counted and not tried again: for rates above what the pipeline can do");
        var beside = CommandOptions.Rate(
            "--beside", "Messages that another organization posts per second meanwhile; 0 for no other", 0, mayBeZero: true);
        var floor = CommandOptions.Flag("--floor", "Measures the same records, rows and publishes by bare clients beside, in turn");
        var rounds = LoadTestOptions.Rounds("How many times each rate is measured");
        var stored = CommandOptions.RisingCounts(
            "--stored",
            "Messages with all their statuses that Cassandra has before the rates are measured, such as 10000,100000,1000000: filled up to "
            + "one number after the other, with the rates measured at each. They lie in the conversations that are posted to, a tenth of "
            + "them in the first. What is posted meanwhile is not counted");
        var restWithin = CommandOptions.Duration(
            "--rest-within",
            "How long to wait at most, after messages were stored, until Cassandra has no compaction left and is at rest",
            TimeSpan.FromMinutes(30));
        var statusWorkers = CommandOptions.Count("--status-workers", "Processes of Chat.StatusWorker; their CPU and memory are summed", 1);
        var settings = CreateSet();
        var json = LoadTestOptions.OutputFile("--json", "Writes the figures of each round to this file");
        var (report, logs) = (LoadTestOptions.Report(), LoadTestOptions.Logs());
        var command = new Command(
            "pipeline",
            "The built services as processes, one of each, messages posted at one rate after the other and watched by a client: the time "
            + "of a post, the time until SENT is on the socket, the CPU of each process for a message, and its memory. Exit code 1 where a "
            + "message was not shown as READ. Linux; built with -c Release -p:FullFeed=true.")
        {
            rates, seconds, warmUp, settle, catchUp, conversations, keys, once, beside, floor, rounds, stored, restWithin, statusWorkers,
            settings, report, json, logs,
        };
        servers.AddTo(command);
        command.SetAction((parsed, cancellationToken) => run(
            new(
                servers.Read(parsed),
                parsed.GetRequiredValue(rates),
                parsed.GetValue(seconds),
                parsed.GetValue(warmUp),
                parsed.GetValue(settle),
                parsed.GetValue(catchUp),
                parsed.GetValue(conversations),
                parsed.GetValue(keys),
                parsed.GetValue(once),
                parsed.GetValue(beside),
                parsed.GetValue(floor),
                parsed.GetValue(rounds),
                parsed.GetRequiredValue(stored),
                parsed.GetValue(restWithin),
                parsed.GetValue(statusWorkers),
                parsed.GetRequiredValue(settings),
                parsed.GetValue(report),
                parsed.GetValue(json),
                parsed.GetValue(logs)),
            cancellationToken));
        return command;
    }

    private static Option<string[]> CreateSet()
    {
        var option = new Option<string[]>("--set")
        {
            HelpName = "NAME=value",
            Description = "An environment variable of every service; may be given several times",
            DefaultValueFactory = _ => [],
        };
        option.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (token.Value.IndexOf('=', StringComparison.Ordinal) < 1)
                    result.AddError($"--set: '{token.Value}' is not NAME=value.");
            }
        });
        return option;
    }
}
