using System.CommandLine;
using System.Globalization;

namespace Chat.CommandLine;

/// <summary>The kinds of options there are. Each error names its option, the value that was given and what is expected.</summary>
internal static class CommandOptions
{
    // Longer than anything that is kept, and short enough to count back from now.
    private const int LongestDays = 10_000;

    private delegate bool TryParse<T>(string text, out T value);

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<int> Count(string name, string description, int value, int least = 1, int most = int.MaxValue) =>
        Count(name, description, () => value, least, most);

    /// <inheritdoc cref="Count(string, string, int, int, int)"/>
    public static Option<int> Count(string name, string description, Func<int> value, int least = 1, int most = int.MaxValue) =>
        Create(
            name, "number", description, Range("a whole number", least, most),
            (string text, out int count) =>
                int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out count)
                && count >= least && count <= most,
            value);

    /// <summary>A number above zero, with a decimal point where it needs one.</summary>
    public static Option<double> Rate(string name, string description, double value, bool mayBeZero = false) => Create(
        name, "number", description, mayBeZero ? "a number that is not negative" : "a number above 0",
        (string text, out double rate) => TryParseRate(text, mayBeZero, out rate), () => value);

    /// <summary>A number from <paramref name="least"/> to <paramref name="most"/>, or 0 for none.</summary>
    public static Option<double> RateOrNone(string name, string description, double least, double most) => Create(
        name, "number", description, string.Create(CultureInfo.InvariantCulture, $"0 or a number from {least} to {most}"),
        (string text, out double rate) =>
            TryParseRate(text, mayBeZero: true, out rate) && (rate == 0 || (rate >= least && rate <= most)),
        () => 0);

    /// <summary>Several of them, with commas between.</summary>
    public static Option<IReadOnlyList<double>> Rates(string name, string description, params IReadOnlyList<double> value) => Create(
        name, "numbers", description, "numbers above 0 with commas between",
        (string text, out IReadOnlyList<double> rates) =>
        {
            var parsed = new List<double>();
            foreach (var part in text.Split(','))
            {
                if (TryParseRate(part, mayBeZero: false, out var rate)) parsed.Add(rate);
                else break;
            }
            rates = parsed;
            return parsed.Count == text.Split(',').Length;
        },
        () => value);

    /// <summary>Whole numbers above 0, each above the one before, with commas between; none where it is not given.</summary>
    public static Option<IReadOnlyList<int>> RisingCounts(string name, string description) => Create(
        name, "numbers", description, "whole numbers above 0 with commas between, each above the one before",
        (string text, out IReadOnlyList<int> counts) =>
        {
            var parsed = new List<int>();
            foreach (var part in text.Split(','))
            {
                var isCount = int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var count);
                if (!isCount || count <= parsed.LastOrDefault()) break;
                parsed.Add(count);
            }
            counts = parsed;
            return parsed.Count == text.Split(',').Length;
        },
        () => []);

    /// <summary>A number with its unit, s, m, h or d; of seconds where it has none.</summary>
    public static Option<TimeSpan> Duration(string name, string description, TimeSpan value, bool mayBeZero = false) => Create(
        name, "duration", description, $"a duration{(mayBeZero ? "" : " above 0")}, as 90s, 30m, 1h or 2d",
        (string text, out TimeSpan duration) => TryParseDuration(text, out duration) && (mayBeZero || duration > TimeSpan.Zero),
        () => value);

    /// <summary>A moment of ISO 8601, UTC where it names no offset.</summary>
    public static Option<DateTimeOffset?> Time(string name, string description) => Create<DateTimeOffset?>(
        name, "time", description, "a time, as 2026-01-15T10:30:00Z",
        (string text, out DateTimeOffset? time) =>
        {
            var isTime = DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var parsed);
            time = parsed;
            return isTime && parsed >= DateTimeOffset.UnixEpoch && parsed.Year < 9999;
        });

    public static Option<string?> Text(string name, string valueName, string description) => new(name)
    {
        HelpName = valueName,
        Description = description,
    };

    public static Option<string> Text(string name, string valueName, string description, string value) => new(name)
    {
        HelpName = valueName,
        Description = description,
        DefaultValueFactory = _ => value,
    };

    public static Option<string> RequiredText(string name, string valueName, string description) => new(name)
    {
        HelpName = valueName,
        Description = description,
        Required = true,
    };

    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>One of the values that <paramref name="tryParse"/> takes.</summary>
    public static Option<T?> Value<T>(string name, string valueName, string description, string expected, Func<string, T?> tryParse)
        where T : struct => Create<T?>(
            name, valueName, description, expected,
            (string text, out T? value) =>
            {
                value = tryParse(text);
                return value is not null;
            });

    private static Option<T> Create<T>(
        string name, string valueName, string description, string expected, TryParse<T> tryParse, Func<T>? value = null)
    {
        var option = new Option<T>(name)
        {
            HelpName = valueName,
            Description = description,
            CustomParser = result =>
            {
                var text = result.Tokens[^1].Value;
                if (tryParse(text, out var parsed)) return parsed;
                result.AddError($"{name}: '{text}' is not {expected}.");
                return default!;
            },
        };
        if (value is not null) option.DefaultValueFactory = _ => value();
        return option;
    }

    private static string Range(string what, int least, int most) =>
        most == int.MaxValue ? $"{what} of at least {least}" : $"{what} from {least} to {most}";

    private static bool TryParseRate(string text, bool mayBeZero, out double rate) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out rate) && (rate > 0 || mayBeZero);

    private static bool TryParseDuration(string text, out TimeSpan duration)
    {
        var (unit, digits) = text.LastOrDefault() switch
        {
            's' => (TimeSpan.FromSeconds(1), text[..^1]),
            'm' => (TimeSpan.FromMinutes(1), text[..^1]),
            'h' => (TimeSpan.FromHours(1), text[..^1]),
            'd' => (TimeSpan.FromDays(1), text[..^1]),
            _ => (TimeSpan.FromSeconds(1), text),
        };
        var isDuration = double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count <= TimeSpan.FromDays(LongestDays) / unit;
        duration = isDuration ? count * unit : TimeSpan.Zero;
        return isDuration;
    }
}
