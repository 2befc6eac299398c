using System.Globalization;
using System.Text.Json;

namespace Chat.Client.Protocol;

/// <summary>The frames from client to server, as JSON.</summary>
public static class ClientFrames
{
    /// <summary>Are you there?</summary>
    public const string Ping = """{"type":"ping"}""";

    /// <summary>Watches a conversation, and first gets what came after <paramref name="since"/>.</summary>
    /// <param name="conversationId">The conversation.</param>
    /// <param name="since">The number of the last frame that came of it; null where none did.</param>
    /// <param name="withMessages">Whether to get its messages too, and not only statuses.</param>
    public static string Subscribe(Guid conversationId, long? since, bool withMessages = false)
    {
        var from = since is { } seq ? $",\"since\":{seq}" : "";
        var events = withMessages ? ",\"events\":[\"status\",\"message\"]" : "";
        return $$"""{"type":"subscribe","conversationId":"{{conversationId:D}}"{{from}}{{events}}}""";
    }

    /// <summary>Watches it no more.</summary>
    public static string Unsubscribe(Guid conversationId) =>
        $$"""{"type":"unsubscribe","conversationId":"{{conversationId:D}}"}""";

    /// <summary>A fresh token of the same user.</summary>
    public static string Auth(string token) => $$"""{"type":"auth","token":"{{JsonEncodedText.Encode(token)}}"}""";

    /// <summary>Statuses that a person has on the screen.</summary>
    /// <param name="items">1 to 50.</param>
    public static string Shown(IReadOnlyList<ShownItem> items) =>
        $$"""{"type":"shown","items":[{{string.Join(',', items.Select(Item))}}]}""";

    private static string Item(ShownItem item)
    {
        var ids = $"\"conversationId\":\"{item.ConversationId:D}\",\"messageId\":\"{item.MessageId:D}\"";
        var timestamp = item.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
        var trace = item.TraceParent is { } parent ? $",\"traceparent\":\"{JsonEncodedText.Encode(parent)}\"" : "";
        var ago = (long)item.Ago.TotalMilliseconds;
        return $$"""{{{ids}},"timestamp":"{{timestamp}}"{{trace}},"ago":{{ago}}}""";
    }
}
