namespace Chat.LoadTest.Away;

/// <param name="Conversations">What the client watches.</param>
/// <param name="Changes">Status changes while it is away, over all of them; rounded to three a message.</param>
/// <param name="Rounds">How many times each way back is taken.</param>
/// <param name="SlowBytesPerSecond">What the slow client reads.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
internal sealed record AwayOptions(
    int Conversations = 1000, int Changes = 100_000, int Rounds = 5, int SlowBytesPerSecond = 2_000_000, string? Report = null)
{
    public static AwayOptions Parse(string[] args)
    {
        var options = new AwayOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length) throw new ArgumentException($"{args[i]} has no value.");
            options = args[i] switch
            {
                "--conversations" => options with { Conversations = int.Parse(args[i + 1]) },
                "--changes" => options with { Changes = int.Parse(args[i + 1]) },
                "--rounds" => options with { Rounds = int.Parse(args[i + 1]) },
                "--slow" => options with { SlowBytesPerSecond = int.Parse(args[i + 1]) },
                "--report" => options with { Report = args[i + 1] },
                _ => throw new ArgumentException($"There is no {args[i]}."),
            };
        }
        return options;
    }
}
