namespace Chat.LoadTest.Outages;

/// <param name="RedisRun">A command that becomes the Redis server.</param>
/// <param name="Redis">Where it listens.</param>
/// <param name="Sockets">Open at once, ten on each conversation.</param>
/// <param name="Rate">Messages per second; each gets SENT, DELIVERED and READ.</param>
/// <param name="Every">From one kill to the next.</param>
/// <param name="Down">From the kill to the start of the same again.</param>
/// <param name="For">How long all of it goes on.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
internal sealed record OutageOptions(
    string RedisRun,
    string Redis = "127.0.0.1:6379",
    int Sockets = 2000,
    double Rate = 100,
    TimeSpan? Every = null,
    TimeSpan? Down = null,
    TimeSpan? For = null,
    string? Report = null)
{
    public const int SocketsPerConversation = 10;

    public TimeSpan EveryTime => Every ?? TimeSpan.FromSeconds(20);

    public TimeSpan DownTime => Down ?? TimeSpan.FromSeconds(5);

    public TimeSpan ForTime => For ?? TimeSpan.FromMinutes(5);

    public int Conversations => Sockets / SocketsPerConversation;

    public static OutageOptions Parse(string[] args)
    {
        var options = new OutageOptions("");
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length) throw new ArgumentException($"{args[i]} has no value.");
            var value = args[i + 1];
            options = args[i] switch
            {
                "--redis-run" => options with { RedisRun = value },
                "--redis" => options with { Redis = value },
                "--sockets" => options with { Sockets = int.Parse(value) },
                "--rate" => options with { Rate = double.Parse(value) },
                "--every" => options with { Every = TimeSpan.FromSeconds(double.Parse(value)) },
                "--down" => options with { Down = TimeSpan.FromSeconds(double.Parse(value)) },
                "--for" => options with { For = TimeSpan.FromSeconds(double.Parse(value)) },
                "--report" => options with { Report = value },
                _ => throw new ArgumentException($"There is no {args[i]}."),
            };
        }
        return options.RedisRun != "" ? options : throw new ArgumentException("--redis-run is needed: the command that becomes the server.");
    }
}
