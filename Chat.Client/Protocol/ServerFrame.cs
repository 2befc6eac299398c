using System.Text.Json;

namespace Chat.Client.Protocol;

/// <summary>What a frame from the server is.</summary>
public enum ServerFrameType
{
    /// <summary>One that this version doesn't know; it is to be ignored.</summary>
    Unknown,

    /// <summary>The greeting.</summary>
    Connected,

    /// <summary>The answer to a subscription.</summary>
    Subscribed,

    /// <summary>The answer to its end.</summary>
    Unsubscribed,

    /// <summary>A status of a message.</summary>
    MessageStatus,

    /// <summary>A message that was taken in.</summary>
    MessageCreated,

    /// <summary>The answer to a ping.</summary>
    Pong,

    /// <summary>The fresh token counts.</summary>
    Authenticated,

    /// <summary>Something was refused.</summary>
    Error,
}

/// <summary>A frame from the server. What it doesn't have, or has in another form than the protocol's, is null.</summary>
public readonly record struct ServerFrame
{
    private const long MaxSeq = (1L << 53) - 1;

    /// <summary>What it is.</summary>
    public ServerFrameType Type { get; init; }

    /// <summary>The conversation.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>The message, of a status.</summary>
    public Guid? MessageId { get; init; }

    /// <summary>The status; null where it is a word that this version doesn't know.</summary>
    public MessageStatus? Status { get; init; }

    /// <summary>The channel, of a status.</summary>
    public string? Channel { get; init; }

    /// <summary>Of a status: when it happened. Else: the server's clock.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Why a message failed.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// The conversation's number: of the change, or its head where it is the answer to a subscription. Below 2^53.
    /// </summary>
    public long? Seq { get; init; }

    /// <summary>Whether everything after the <c>since</c> of a subscription follows.</summary>
    public bool? Recovered { get; init; }

    /// <summary>An error's code.</summary>
    public string? Code { get; init; }

    /// <summary>An error's words, for people.</summary>
    public string? Message { get; init; }

    /// <summary>A message that was taken in; without what became of it.</summary>
    public MessageItem? Created { get; init; }

    /// <summary>Whether what was refused may go through later.</summary>
    public bool? Retryable { get; init; }

    /// <summary>When the token ends that the server has just taken.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The message's trace.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Reads a text frame; false where it is none: not a JSON object, or one without a <c>type</c>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, out ServerFrame frame)
    {
        frame = default;
        var hasType = false;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8)) frame = frame with { Type = ReadType(ref reader, ref hasType) };
                else if (reader.ValueTextEquals("messageId"u8)) frame = frame with { MessageId = ReadId(ref reader) };
                else if (reader.ValueTextEquals("conversationId"u8)) frame = frame with { ConversationId = ReadId(ref reader) };
                else if (reader.ValueTextEquals("status"u8)) frame = frame with { Status = ReadStatus(ref reader) };
                else if (reader.ValueTextEquals("channel"u8)) frame = frame with { Channel = ReadChannel(ref reader) };
                else if (reader.ValueTextEquals("timestamp"u8)) frame = frame with { Timestamp = ReadTime(ref reader) };
                else if (reader.ValueTextEquals("seq"u8)) frame = frame with { Seq = ReadSeq(ref reader) };
                else if (reader.ValueTextEquals("recovered"u8)) frame = frame with { Recovered = ReadBoolean(ref reader) };
                else if (reader.ValueTextEquals("reason"u8)) frame = frame with { Reason = ReadString(ref reader) };
                else if (reader.ValueTextEquals("traceparent"u8)) frame = frame with { TraceParent = ReadString(ref reader) };
                else if (reader.ValueTextEquals("code"u8)) frame = frame with { Code = ReadString(ref reader) };
                else if (reader.ValueTextEquals("message"u8)) frame = ReadMessage(ref reader, frame);
                else if (reader.ValueTextEquals("retryable"u8)) frame = frame with { Retryable = ReadBoolean(ref reader) };
                else if (reader.ValueTextEquals("expiresAt"u8)) frame = frame with { ExpiresAt = ReadTime(ref reader) };
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
            return hasType && reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static ServerFrameType ReadType(ref Utf8JsonReader reader, ref bool hasType)
    {
        if (!ReadScalar(ref reader, JsonTokenType.String)) return ServerFrameType.Unknown;
        hasType = true;
        return reader.ValueTextEquals("message.status"u8) ? ServerFrameType.MessageStatus
            : reader.ValueTextEquals("message.created"u8) ? ServerFrameType.MessageCreated
            : reader.ValueTextEquals("subscribed"u8) ? ServerFrameType.Subscribed
            : reader.ValueTextEquals("unsubscribed"u8) ? ServerFrameType.Unsubscribed
            : reader.ValueTextEquals("pong"u8) ? ServerFrameType.Pong
            : reader.ValueTextEquals("connected"u8) ? ServerFrameType.Connected
            : reader.ValueTextEquals("authenticated"u8) ? ServerFrameType.Authenticated
            : reader.ValueTextEquals("error"u8) ? ServerFrameType.Error
            : ServerFrameType.Unknown;
    }

    // An error's words, or a message.
    private static ServerFrame ReadMessage(ref Utf8JsonReader reader, in ServerFrame frame)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return frame with { Message = reader.GetString() };
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return frame;
        }
        // A message that can't be read is as one that this version doesn't know: its number counts all the same.
        var end = reader;
        end.Skip();
        MessageItem? created = null;
        try
        {
            created = JsonSerializer.Deserialize(ref reader, ClientJsonContext.Default.MessageItem);
        }
        catch (JsonException)
        {
            // It stays null.
        }
        reader = end;
        return frame with { Created = created };
    }

    private static MessageStatus? ReadStatus(ref Utf8JsonReader reader)
    {
        reader.Read();
        var status = MessageStatusConverter.Parse(ref reader);
        reader.Skip();
        return status;
    }

    // There are few of them, and they come with every status.
    private static string? ReadChannel(ref Utf8JsonReader reader) =>
        !ReadScalar(ref reader, JsonTokenType.String) ? null
        : reader.ValueTextEquals("whatsapp"u8) ? "whatsapp"
        : reader.ValueTextEquals("instagram"u8) ? "instagram"
        : reader.GetString();

    private static string? ReadString(ref Utf8JsonReader reader) =>
        ReadScalar(ref reader, JsonTokenType.String) ? reader.GetString() : null;

    private static Guid? ReadId(ref Utf8JsonReader reader) =>
        ReadScalar(ref reader, JsonTokenType.String) && reader.TryGetGuid(out var id) ? id : null;

    private static DateTimeOffset? ReadTime(ref Utf8JsonReader reader) =>
        ReadScalar(ref reader, JsonTokenType.String) && reader.TryGetDateTimeOffset(out var time) ? time : null;

    private static long? ReadSeq(ref Utf8JsonReader reader) =>
        ReadScalar(ref reader, JsonTokenType.Number) && reader.TryGetInt64(out var seq) && seq is >= 0 and <= MaxSeq ? seq : null;

    private static bool? ReadBoolean(ref Utf8JsonReader reader)
    {
        reader.Read();
        bool? value = reader.TokenType switch { JsonTokenType.True => true, JsonTokenType.False => false, _ => null };
        reader.Skip();
        return value;
    }

    private static bool ReadScalar(ref Utf8JsonReader reader, JsonTokenType expected)
    {
        reader.Read();
        if (reader.TokenType == expected) return true;
        reader.Skip();
        return false;
    }
}
