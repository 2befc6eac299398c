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
    double Rate = 500,
    int Conversations = 50,
    int Sockets = 2,
    TimeSpan? Steady = null,
    TimeSpan? Down = null,
    TimeSpan? CatchUp = null,
    string? Report = null,
    string? Logs = null)
{
    public TimeSpan SteadyTime => Steady ?? TimeSpan.FromSeconds(10);

    public TimeSpan DownTime => Down ?? TimeSpan.FromSeconds(10);

    public TimeSpan CatchUpTime => CatchUp ?? TimeSpan.FromSeconds(120);

    public static FaultsOptions Parse(string[] args)
    {
        var options = new FaultsOptions(ServerOptions.None);
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length) throw new ArgumentException($"{args[i]} has no value.");
            var value = args[i + 1];
            options = args[i] switch
            {
                _ when options.Servers.With(args[i], value) is { } servers => options with { Servers = servers },
                "--rate" => options with { Rate = double.Parse(value) },
                "--conversations" => options with { Conversations = int.Parse(value) },
                "--sockets" => options with { Sockets = int.Parse(value) },
                "--steady" => options with { Steady = TimeSpan.FromSeconds(double.Parse(value)) },
                "--down" => options with { Down = TimeSpan.FromSeconds(double.Parse(value)) },
                "--catch-up" => options with { CatchUp = TimeSpan.FromSeconds(double.Parse(value)) },
                "--report" => options with { Report = value },
                "--logs" => options with { Logs = value },
                _ => throw new ArgumentException($"There is no {args[i]}."),
            };
        }
        options.Servers.Check();
        return options;
    }
}
