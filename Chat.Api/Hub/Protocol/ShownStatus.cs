using System.Globalization;
using System.Text.Json;
using Chat.Core.Ids;
using Chat.Core.Telemetry;

namespace Chat.Api.Hub.Protocol;

/// <summary>A status that a client says it has shown.</summary>
/// <param name="At">The frame's timestamp: when it happened.</param>
/// <param name="Ago">How long before it said so, by its own clock.</param>
/// <param name="TraceParent">The frame's trace; null where it had none that can be read.</param>
public sealed record ShownStatus(Guid ConversationId, Guid MessageId, DateTimeOffset At, TimeSpan Ago, string? TraceParent)
{
    /// <summary>The most in one frame.</summary>
    public const int Most = 50;

    private const double LongestAgo = 60_000;

    /// <summary>
    /// Reads the items of a frame; null where any of them can't be used, there is none, or there are too many. Leaves the reader at the
    /// end of the value, whatever it is.
    /// </summary>
    public static IReadOnlyList<ShownStatus>? Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        using var json = JsonDocument.ParseValue(ref reader);
        var items = json.RootElement;
        if (items.ValueKind != JsonValueKind.Array || items.GetArrayLength() is 0 or > Most) return null;
        var read = new List<ShownStatus>(items.GetArrayLength());
        foreach (var item in items.EnumerateArray())
        {
            if (Read(item) is not { } status) return null;
            read.Add(status);
        }
        return read;
    }

    private static ShownStatus? Read(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object
        && Uuid.Read(Text(item, "conversationId")) is { } conversation
        && Uuid.Read(Text(item, "messageId")) is { } message
        && DateTimeOffset.TryParse(Text(item, "timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        && item.TryGetProperty("ago", out var ago)
        && ago.ValueKind == JsonValueKind.Number
        && ago.TryGetDouble(out var milliseconds)
        && milliseconds is >= 0 and <= LongestAgo
            ? new(
                conversation, message, at, TimeSpan.FromMilliseconds(milliseconds), TraceContext.Read(Text(item, "traceparent")))
            : null;

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
