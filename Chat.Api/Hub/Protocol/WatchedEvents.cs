using System.Text.Json;

namespace Chat.Api.Hub.Protocol;

/// <summary>Which frames of a conversation a client wants.</summary>
[Flags]
public enum WatchedEvents
{
    None = 0,

    /// <summary><c>message.status</c>: what it gets unless it says otherwise.</summary>
    Status = 1,

    /// <summary><c>message.created</c>.</summary>
    Message = 2,
}

/// <summary>The names of <see cref="WatchedEvents"/>, in the member <c>events</c> of a <c>subscribe</c>.</summary>
internal static class EventNames
{
    /// <summary>For people.</summary>
    public const string All = "\"status\", \"message\"";

    // More than there are names, since one may come twice.
    private const int Most = 16;

    /// <summary>
    /// Reads the names; <see cref="WatchedEvents.Status"/> where it is null, null where it is anything but an array of one name at least,
    /// each of them known. Leaves the reader at the end of the value, whatever it is.
    /// </summary>
    public static WatchedEvents? Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return WatchedEvents.Status;
        using var json = JsonDocument.ParseValue(ref reader);
        var names = json.RootElement;
        if (names.ValueKind != JsonValueKind.Array || names.GetArrayLength() > Most) return null;
        var events = WatchedEvents.None;
        foreach (var name in names.EnumerateArray())
        {
            if (name.ValueKind != JsonValueKind.String) return null;
            if (name.ValueEquals("status"u8)) events |= WatchedEvents.Status;
            else if (name.ValueEquals("message"u8)) events |= WatchedEvents.Message;
            else return null;
        }
        return events == WatchedEvents.None ? null : events;
    }
}
