namespace Chat.LoadTest.Status;

/// <param name="Events">Status events of one round, three for each message.</param>
/// <param name="Rounds">Rounds of each contestant.</param>
/// <param name="Stored">Messages stored before the second half.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console where null.</param>
public sealed record StatusBenchmarkOptions(int Events = 120_000, int Rounds = 5, int Stored = 1_000_000, string? Report = null)
{
    public static StatusBenchmarkOptions Parse(string[] args)
    {
        var options = new StatusBenchmarkOptions();
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            options = args[i] switch
            {
                "--events" => options with { Events = int.Parse(args[i + 1]) },
                "--rounds" => options with { Rounds = int.Parse(args[i + 1]) },
                "--stored" => options with { Stored = int.Parse(args[i + 1]) },
                "--report" => options with { Report = args[i + 1] },
                _ => throw new ArgumentException($"There is no {args[i]}."),
            };
        }
        return options;
    }
}
