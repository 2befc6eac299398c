using System.CommandLine;
using Chat.CommandLine;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Outages;

/// <param name="RedisRun">A command that becomes the Redis server.</param>
/// <param name="Redis">Where it listens.</param>
/// <param name="Sockets">Open at once, ten on each conversation.</param>
/// <param name="Rate">Messages per second; each gets SENT, DELIVERED and READ.</param>
/// <param name="Every">From one kill to the next.</param>
/// <param name="Down">From the kill to the start of the same again.</param>
/// <param name="For">How long the load lasts.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
internal sealed record OutageOptions(
    string RedisRun, string Redis, int Sockets, double Rate, TimeSpan Every, TimeSpan Down, TimeSpan For, string? Report)
{
    public const int SocketsPerConversation = 10;

    private static readonly TimeSpan DefaultEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DefaultDown = TimeSpan.FromSeconds(5);

    public int Conversations => Sockets / SocketsPerConversation;

    public static Command CreateCommand(Func<OutageOptions, CancellationToken, Task<int>> run)
    {
        var redisRun = ServerOptions.Reader.Run("--redis-run", "Redis");
        var redis = ServerOptions.Reader.Address("--redis", "127.0.0.1:6379");
        var sockets = CommandOptions.Count(
            "--sockets", $"Sockets open at once, {SocketsPerConversation} on each conversation", 2000, least: SocketsPerConversation);
        sockets.Validators.Add(result =>
        {
            if (result.Tokens is [var number] && int.TryParse(number.Value, out var count)
                && count > SocketsPerConversation && count % SocketsPerConversation != 0)
                result.AddError($"--sockets: '{number.Value}' is no multiple of {SocketsPerConversation}.");
        });
        var rate = CommandOptions.Rate("--rate", "Messages per second, each with three statuses", 100);
        var every = CommandOptions.Duration("--every", "From one kill to the next; seconds, or with a unit", DefaultEvery);
        var down = CommandOptions.Duration("--down", "From a kill to the start of Redis again; shorter than --every", DefaultDown);
        var lasts = CommandOptions.Duration("--for", "How long the load lasts", TimeSpan.FromMinutes(5));
        var report = LoadTestOptions.Report();
        var command = new Command(
            "outages",
            "Sockets under load on the embedded log and store while Redis is killed and started again, over and over: counts what any "
            + "socket misses, and how long each repair took. Exit code 1 where anything is missing.")
        {
            redisRun, redis, sockets, rate, every, down, lasts, report,
        };
        command.Validators.Add(result =>
        {
            // What was not given has no value yet where commands are validated.
            var downTime = result.GetResult(down)?.GetValueOrDefault<TimeSpan>() ?? DefaultDown;
            var period = result.GetResult(every)?.GetValueOrDefault<TimeSpan>() ?? DefaultEvery;
            if (downTime >= period) result.AddError("--down must be shorter than --every.");
        });
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetRequiredValue(redisRun),
                parsed.GetRequiredValue(redis),
                parsed.GetValue(sockets),
                parsed.GetValue(rate),
                parsed.GetValue(every),
                parsed.GetValue(down),
                parsed.GetValue(lasts),
                parsed.GetValue(report)),
            cancellationToken));
        return command;
    }
}
