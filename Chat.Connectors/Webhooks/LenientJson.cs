using System.Globalization;
using System.Text.Json;

namespace Chat.Connectors.Webhooks;

/// <summary>
/// Reads JSON of which nothing is certain: what is missing or of another type than is asked for is not there. Throws nothing, as long as
/// its texts can be decoded (<see cref="Core.Json.SurrogateEscapes"/>).
/// </summary>
internal static class LenientJson
{
    // Seconds stay below this until the year 5138; milliseconds have been above it since 1973.
    private const long SmallestMilliseconds = 100_000_000_000;

    /// <summary>A member that is an object.</summary>
    public static JsonElement? Object(this JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Object } found ? found : null;

    /// <summary>The objects in a member that is an array.</summary>
    public static IEnumerable<JsonElement> Objects(this JsonElement parent, string name) =>
        Member(parent, name) is { ValueKind: JsonValueKind.Array } found
            ? found.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object)
            : [];

    /// <summary>A member that is a text of one character or more, or a number as it is written.</summary>
    public static string? Text(this JsonElement parent, string name) => Member(parent, name) switch
    {
        { ValueKind: JsonValueKind.String } text when text.GetString() is { Length: > 0 } found => found,
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    /// <summary>Whether a member is <c>true</c>.</summary>
    public static bool Flag(this JsonElement parent, string name) => Member(parent, name) is { ValueKind: JsonValueKind.True };

    /// <summary>A member that is a time: Unix seconds or milliseconds, as a number or as a text.</summary>
    public static DateTimeOffset? Time(this JsonElement parent, string name)
    {
        if (!long.TryParse(parent.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var time) || time == 0) return null;
        var milliseconds = time < SmallestMilliseconds ? time * 1000 : time;
        return milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;
    }

    private static JsonElement? Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var found) ? found : null;
}
