using System.Text.Json;
using Chat.Api.Texts;
using Chat.Core.Ids;
using Chat.Core.Json;
using Chat.Core.Log;

namespace Chat.Api.Hub.Protocol;

/// <summary>A frame from a client, as far as it can be used.</summary>
public abstract record ClientFrame
{
    private ClientFrame()
    {
    }

    /// <param name="ConversationId">What to watch.</param>
    /// <param name="Since">The number of the last frame that the client got of it; null where it got none.</param>
    /// <param name="Events">Which frames of it the client wants.</param>
    public sealed record Subscribe(Guid ConversationId, long? Since, WatchedEvents Events = WatchedEvents.Status) : ClientFrame;

    public sealed record Unsubscribe(Guid ConversationId) : ClientFrame;

    public sealed record Ping : ClientFrame;

    /// <param name="Token">A fresh token of the same user.</param>
    public sealed record Auth(string Token) : ClientFrame
    {
        // A token must never reach a log, not even by way of a record's text.
        public override string ToString() => nameof(Auth);
    }

    /// <param name="Statuses">What the client shows; one at least.</param>
    public sealed record Shown(IReadOnlyList<ShownStatus> Statuses) : ClientFrame;

    /// <summary>What can't be used, and what to say about it.</summary>
    public sealed record Bad(string Code, UserText Text) : ClientFrame;

    /// <summary>Reads a text frame, whose size the socket bounds. Never throws.</summary>
    public static ClientFrame Read(ReadOnlySpan<byte> json)
    {
        string? type = null, conversation = null, token = null;
        long? since = null;
        IReadOnlyList<ShownStatus>? shown = null;
        WatchedEvents? events = WatchedEvents.Status;
        var sinceIsBad = false;
        if (JsonGate.Check(json, int.MaxValue) is not null) return new Bad(ErrorCode.InvalidMessage, UserTexts.InvalidMessage);
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Invalid();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8)) type = ReadString(ref reader);
                else if (reader.ValueTextEquals("conversationId"u8)) conversation = ReadString(ref reader);
                else if (reader.ValueTextEquals("token"u8)) token = ReadString(ref reader);
                else if (reader.ValueTextEquals("since"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value)) since = value;
                    else if (reader.TokenType != JsonTokenType.Null) sinceIsBad = true;
                    reader.Skip();
                }
                else if (reader.ValueTextEquals("events"u8)) events = EventNames.Read(ref reader);
                else if (reader.ValueTextEquals("items"u8)) shown = ShownStatus.Read(ref reader);
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
            if (reader.TokenType != JsonTokenType.EndObject || reader.Read()) return Invalid();
        }
        catch (JsonException)
        {
            return Invalid();
        }
        return type switch
        {
            "subscribe" when sinceIsBad || since is < 0 or > SequenceNumber.Max =>
                new Bad(ErrorCode.InvalidField, UserTexts.BadSince(SequenceNumber.Max)),
            "subscribe" when events is null => new Bad(ErrorCode.InvalidField, UserTexts.BadEvents(EventNames.All)),
            "subscribe" => Uuid.Read(conversation) is { } id ? new Subscribe(id, since, events!.Value) : NoConversation(),
            "unsubscribe" => Uuid.Read(conversation) is { } id ? new Unsubscribe(id) : NoConversation(),
            "ping" => new Ping(),
            "auth" => string.IsNullOrEmpty(token) ? new Bad(ErrorCode.InvalidField, UserTexts.NoToken) : new Auth(token),
            "shown" => shown is null ? new Bad(ErrorCode.InvalidField, UserTexts.BadShown(ShownStatus.Most)) : new Shown(shown),
            null => Invalid(),
            _ => new Bad(ErrorCode.InvalidMessage, UserTexts.UnknownType),
        };
    }

    private static Bad Invalid() => new(ErrorCode.InvalidMessage, UserTexts.InvalidMessage);

    private static Bad NoConversation() => new(ErrorCode.InvalidField, UserTexts.NoConversationId);

    private static string? ReadString(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }
}
