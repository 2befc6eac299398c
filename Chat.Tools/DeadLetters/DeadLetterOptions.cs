using Chat.Core.Log;

namespace Chat.Tools.DeadLetters;

/// <param name="PutBack">Puts back instead of listing.</param>
/// <param name="Topic">The topic that the letters were put aside from.</param>
/// <param name="Reason">A part of the reason, in any case.</param>
/// <param name="At">One letter's place, as the list shows it.</param>
/// <param name="Full">Shows payloads whole.</param>
/// <param name="Data">The embedded engines' folder; null where the settings name the engines.</param>
public sealed record DeadLetterOptions(
    bool PutBack, bool All = false, string? Topic = null, string? Reason = null, string? At = null, bool Full = false, string? Data = null)
{
    public const string Usage =
        """
        dead-letters list [--topic T] [--reason TEXT] [--at PLACE] [--full] [--data FOLDER]
        dead-letters put-back --all | --topic T | --reason TEXT | --at PLACE [--data FOLDER]
            PLACE is what the list shows, as msg.status.dlq[2]:17. --data names the embedded engines' folder; else
            ConnectionStrings:kafka, :redis and :cassandra name the servers, as for every service.
        """;

    /// <exception cref="ArgumentException">Names the argument and says what to do.</exception>
    public static DeadLetterOptions Parse(string[] args)
    {
        var options = args switch
        {
            ["list", ..] => new DeadLetterOptions(false),
            ["put-back", ..] => new DeadLetterOptions(true),
            _ => throw new ArgumentException($"dead-letters needs list or put-back.{Environment.NewLine}{Usage}"),
        };
        for (var i = 1; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--all" when options.PutBack => options with { All = true },
                "--full" when !options.PutBack => options with { Full = true },
                "--topic" => options with { Topic = TopicOf(Arguments.Value(args, ref i)) },
                "--reason" => options with { Reason = Arguments.Value(args, ref i) },
                "--at" => options with { At = Arguments.Value(args, ref i) },
                "--data" => options with { Data = Arguments.Value(args, ref i) },
                _ => throw new ArgumentException($"dead-letters {args[0]} takes no {args[i]}.{Environment.NewLine}{Usage}"),
            };
        }
        var chosen = options.Topic is not null || options.Reason is not null || options.At is not null;
        if (options.PutBack && options.All == chosen)
            throw new ArgumentException("put-back needs either --all, or which: --topic, --reason or --at.");
        return options;
    }

    public bool Fits(DeadLetter letter) =>
        (Topic is null || letter.Origin == Topic)
        && (Reason is null || letter.Reason.Contains(Reason, StringComparison.OrdinalIgnoreCase))
        && (At is null || letter.Location == At);

    private static string TopicOf(string topic) =>
        Topics.All.Contains(Topics.DeadLetter(topic))
            ? topic
            : throw new ArgumentException($"--topic: there is no {topic}; name a topic without .dlq, as messages or msg.status.");
}
