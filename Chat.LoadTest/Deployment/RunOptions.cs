using System.CommandLine;
using System.Globalization;
using System.Text;
using Chat.CommandLine;

namespace Chat.LoadTest.Deployment;

/// <param name="Url">Where the API is; http or https.</param>
/// <param name="Token">A JWT of a user of an organization; null where <paramref name="JwtKey"/> is given.</param>
/// <param name="JwtKey">The server's secret of HS256, to sign tokens with; null where <paramref name="Token"/> is given.</param>
/// <param name="Connections">Sockets, spread evenly over the conversations; each conversation has one at least.</param>
/// <param name="Rate">Messages posted per second.</param>
/// <param name="Duration">How long they are posted for the figures.</param>
/// <param name="WarmUp">How long they are posted before that; these count for what is missing or refused alone.</param>
/// <param name="Ramp">Over how long the sockets are opened; zero for as fast as it goes.</param>
/// <param name="Settle">How long to wait at most, after the last post, for what was posted to be shown.</param>
/// <param name="Floor">How long the echo on this machine is measured; zero for not at all.</param>
/// <param name="Churn">Connections of sockets that are cut per second; they come back.</param>
/// <param name="SlowReaders">Sockets beside the others that read more slowly than they are sent.</param>
/// <param name="Process">The id of the server's process, where it is on this machine: its memory is watched; null for not at all.</param>
/// <param name="MaxP99">The most for the 99th percentiles of the post and of SENT on the socket.</param>
/// <param name="MaxMissing">The most ticks that may be missing.</param>
/// <param name="MaxRefused">The most posts that may have another answer than 202, or none.</param>
/// <param name="MaxFailed">The most messages that may be shown as FAILED.</param>
/// <param name="MaxGrowth">The most that the memory of <paramref name="Process"/> may grow by, in percent.</param>
/// <param name="Output">The folder that the report is written to; null for the console alone.</param>
internal sealed record RunOptions(
    Uri Url,
    string? Token,
    string? JwtKey,
    int Connections,
    int Conversations,
    double Rate,
    TimeSpan Duration,
    TimeSpan WarmUp,
    TimeSpan Ramp,
    TimeSpan Settle,
    TimeSpan Floor,
    double Churn,
    int SlowReaders,
    int? Process,
    TimeSpan MaxP99,
    int MaxMissing,
    int MaxRefused,
    int MaxFailed,
    int MaxGrowth,
    string? Output)
{
    // As the server asks of its Jwt:Key.
    private const int MinKeyBytes = 32;

    /// <summary>Where the API is, as it may be printed: without what may be secret in it.</summary>
    public string ShownUrl => Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>The command line, without what may be secret in it.</summary>
    public string CommandLine =>
        $"run --url {ShownUrl} {(Token is null ? "--jwt-key" : "--token")} … --connections {Connections} "
        + $"--conversations {Conversations} --rate {Rate} --duration {Seconds(Duration)} --warm-up {Seconds(WarmUp)} "
        + $"--ramp {Seconds(Ramp)} --settle {Seconds(Settle)} --floor {Seconds(Floor)} "
        + $"--churn {Churn} --slow-readers {SlowReaders} {(Process is { } id ? $"--process {id} --max-growth {MaxGrowth} " : "")}"
        + $"--max-p99 {Seconds(MaxP99)} "
        + $"--max-missing {MaxMissing} --max-refused {MaxRefused} --max-failed {MaxFailed}";

    public static Command CreateCommand(Func<RunOptions, TextWriter, TextWriter, CancellationToken, Task<int>> run)
    {
        var url = CreateUrl();
        var token = CommandOptions.Text(
            "--token", "JWT", "A token of a user of an organization (claims sub and tenant_id): all posts and sockets are that user's");
        var jwtKey = CreateKey();
        var connections = CommandOptions.Count("--connections", "Sockets that watch, spread evenly over the conversations", 200);
        var conversations = CommandOptions.Count("--conversations", "New conversations that are posted to, in turn", 100);
        var rate = CommandOptions.Rate("--rate", "Messages posted per second, whether or not those before them were answered", 50);
        var duration = CommandOptions.Duration(
            "--duration", "How long they are posted and measured; seconds, or with a unit", TimeSpan.FromSeconds(60));
        var warmUp = CommandOptions.Duration(
            "--warm-up", "How long they are posted before that; not in the latencies", TimeSpan.FromSeconds(5), mayBeZero: true);
        var ramp = CommandOptions.Duration(
            "--ramp", "Over how long the sockets are opened; 0s is as fast as it goes", TimeSpan.Zero, mayBeZero: true);
        var settle = CommandOptions.Duration(
            "--settle", "How long to wait at most, after the last post, for what is still missing", TimeSpan.FromSeconds(10));
        var floor = CommandOptions.Duration(
            "--floor",
            "How long an echo on this machine is measured first, to know what the figures owe to it; 0s leaves it out",
            TimeSpan.FromSeconds(3),
            mayBeZero: true);
        var churn = CommandOptions.RateOrNone(
            "--churn",
            "Connections of the sockets that are cut per second, as by a network that goes away; they come back",
            least: 0.001,
            most: 1000);
        var slowReaders = CommandOptions.Count(
            "--slow-readers", "Sockets beside the others that read 4 frames a second; no tick is expected of them", 0, least: 0);
        var process = CommandOptions.Value<int>(
            "--process",
            "id",
            "The server's process, where it is on this machine: the report says what memory and processor time it took; where it "
            + "ends before the posts do, the exit code is 1",
            "the id of a process",
            static text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null);
        var maxGrowth = CommandOptions.Count(
            "--max-growth",
            "The most that its memory may grow by, in percent: from the second quarter of the run to the last, by medians",
            10,
            least: 0);
        var maxP99 = CommandOptions.Duration(
            "--max-p99",
            "The most for the 99th percentile of a post, and of the time from it to SENT on a socket",
            TimeSpan.FromSeconds(1));
        var maxMissing = CommandOptions.Count(
            "--max-missing", "The most ticks (message × socket × status) that may be missing at the end", 0, least: 0);
        var maxRefused = CommandOptions.Count(
            "--max-refused", "The most posts that may have another answer than 202, or none", 0, least: 0);
        var maxFailed = CommandOptions.Count(
            "--max-failed", "The most messages that may be shown as FAILED", 0, least: 0);
        var output = LoadTestOptions.OutputFolder(
            "--output", "Writes report.md, report.json, report.html and latency.png to this folder; made where it is not there");
        var command = new Command(
            "run",
            "Load on a deployment that runs: opens sockets, subscribes to new conversations, posts messages to them at a steady rate and "
            + "watches their ticks (SENT, DELIVERED, READ) arrive on every socket. It leaves these messages there: use a deployment whose "
            + "channels are simulated, or recipients get them. Exit code 0 where all is within the limits, 1 where it is not, 2 where it "
            + "could not be run.")
        {
            url, token, jwtKey, connections, conversations, rate, duration, warmUp, ramp, settle, floor, churn, slowReaders,
            process, maxP99, maxMissing, maxRefused, maxFailed, maxGrowth, output,
        };
        command.Validators.Add(result =>
        {
            // A missing --url is told first: what is told here would take its place.
            if (result.GetResult(url) is null) return;
            var (hasToken, hasKey) = (result.GetResult(token) is not null, result.GetResult(jwtKey) is not null);
            if (hasToken == hasKey)
                result.AddError("Give either --token (a JWT) or --jwt-key (the server's Jwt:Key, to sign tokens with).");
        });
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetRequiredValue(url),
                parsed.GetValue(token),
                parsed.GetValue(jwtKey),
                parsed.GetValue(connections),
                parsed.GetValue(conversations),
                parsed.GetValue(rate),
                parsed.GetValue(duration),
                parsed.GetValue(warmUp),
                parsed.GetValue(ramp),
                parsed.GetValue(settle),
                parsed.GetValue(floor),
                parsed.GetValue(churn),
                parsed.GetValue(slowReaders),
                parsed.GetValue(process),
                parsed.GetValue(maxP99),
                parsed.GetValue(maxMissing),
                parsed.GetValue(maxRefused),
                parsed.GetValue(maxFailed),
                parsed.GetValue(maxGrowth),
                parsed.GetValue(output)),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    public static Option<Uri> CreateUrl() => new("--url")
    {
        HelpName = "URL",
        Description = "Where Chat.Api is, as http://localhost:5000; it may have a path",
        Required = true,
        CustomParser = result =>
        {
            var text = result.Tokens[^1].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0) return url;
            result.AddError($"--url: '{text}' is not a URL that begins with http:// or https://, as http://localhost:5000.");
            return null;
        },
    };

    private static Option<string?> CreateKey()
    {
        var option = CommandOptions.Text(
            "--jwt-key", "text", "The server's Jwt:Key: tokens are signed with it, of a new organization and a user for each socket");
        option.Validators.Add(result =>
        {
            // The key itself is not repeated: what is printed is kept by terminals and logs.
            if (result.Tokens is [var key] && Encoding.UTF8.GetByteCount(key.Value) < MinKeyBytes)
                result.AddError($"--jwt-key: it is shorter than {MinKeyBytes} bytes, and so is not the server's Jwt:Key.");
        });
        return option;
    }

    private static string Seconds(TimeSpan duration) => $"{duration.TotalSeconds}s";
}
