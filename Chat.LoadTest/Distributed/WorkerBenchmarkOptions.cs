namespace Chat.LoadTest.Distributed;

/// <param name="Events">Status events of one round, three for each message.</param>
/// <param name="Rounds">Rounds of each contestant.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
/// <param name="Logs">Where the processes' output goes; a temporary folder, removed after success, where null.</param>
internal sealed record WorkerBenchmarkOptions(
    ServerOptions Servers, int Events = 30_000, int Rounds = 5, string? Report = null, string? Logs = null)
{
    public static WorkerBenchmarkOptions Parse(string[] args)
    {
        var options = new WorkerBenchmarkOptions(ServerOptions.None);
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length) throw new ArgumentException($"{args[i]} has no value.");
            var value = args[i + 1];
            options = args[i] switch
            {
                _ when options.Servers.With(args[i], value) is { } servers => options with { Servers = servers },
                "--events" => options with { Events = int.Parse(value) },
                "--rounds" => options with { Rounds = int.Parse(value) },
                "--report" => options with { Report = value },
                "--logs" => options with { Logs = value },
                _ => throw new ArgumentException($"There is no {args[i]}."),
            };
        }
        options.Servers.Check();
        return options;
    }
}
