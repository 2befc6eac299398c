using System.Globalization;
using Chat.Core.Audit;

namespace Chat.Tools.Audit;

/// <param name="Last">How far back from now, where <paramref name="From"/> is not given.</param>
/// <param name="Grace">Younger events are in flight.</param>
/// <param name="Data">The embedded engines' folder; null where the settings name the engines.</param>
public sealed record AuditCommandOptions(
    TimeSpan Last, DateTimeOffset? From, DateTimeOffset? To, TimeSpan Grace, string? Data)
{
    // Longer than any log, and short enough to count back from now.
    private const int LongestDays = 10_000;

    public const string Usage =
        """
        audit [--last 1h | --from TIME --to TIME] [--grace 30s] [--data FOLDER]
            Compares what msg.status acknowledged with what the store holds. TIME is ISO 8601, UTC where it names no offset; a duration is
            a number and s, m, h or d. --data names the embedded engines' folder; else ConnectionStrings:kafka, :redis and :cassandra
            name the servers. Ends with 0 if nothing is missing, 1 if something is, 2 for a wrong call, 3 where an engine can't be reached.
        """;

    /// <exception cref="ArgumentException">Names the argument and says what to do.</exception>
    public static AuditCommandOptions Parse(string[] args)
    {
        var options = new AuditCommandOptions(TimeSpan.FromHours(1), null, null, AuditWindow.Grace, null);
        var last = false;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--last":
                    options = options with { Last = Duration(args, ref i) };
                    last = true;
                    break;
                case "--from": options = options with { From = Time(args, ref i) }; break;
                case "--to": options = options with { To = Time(args, ref i) }; break;
                case "--grace": options = options with { Grace = Duration(args, ref i) }; break;
                case "--data": options = options with { Data = Arguments.Value(args, ref i) }; break;
                default: throw new ArgumentException($"audit takes no {args[i]}.{Environment.NewLine}{Usage}");
            }
        }
        if (last && (options.From ?? options.To) is not null) throw new ArgumentException("audit takes either --last, or --from and --to.");
        if (options.From is null != options.To is null) throw new ArgumentException("--from and --to go together.");
        if (options.From >= options.To) throw new ArgumentException("--from must be before --to.");
        return options;
    }

    public AuditWindow Window(DateTimeOffset now) => new(From ?? now - Last, To ?? now, now - Grace);

    private static DateTimeOffset Time(string[] args, ref int i)
    {
        var name = args[i];
        var text = Arguments.Value(args, ref i);
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            && time >= DateTimeOffset.UnixEpoch && time.Year < 9999
            ? time
            : throw new ArgumentException($"{name}: '{text}' is not a time, as 2026-01-15T10:30:00Z.");
    }

    private static TimeSpan Duration(string[] args, ref int i)
    {
        var name = args[i];
        var text = Arguments.Value(args, ref i);
        var unit = text.LastOrDefault() switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero
            && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count <= LongestDays * TimeSpan.FromDays(1) / unit
            ? count * unit
            : throw new ArgumentException($"{name}: '{text}' is not a duration, as 90s, 30m, 1h or 2d.");
    }
}
