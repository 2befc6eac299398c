using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chat.Client;

/// <summary>
/// What is shown of a message. The values stand in the order in which statuses replace each other: a delivery that is proven
/// outweighs a failure that was reported.
/// </summary>
public enum MessageStatus
{
    /// <summary>Taken by the API, nothing heard from the channel yet.</summary>
    Accepted = 0,

    /// <summary>The channel took it.</summary>
    Sent = 1,

    /// <summary>It failed, and nothing shows that it was delivered.</summary>
    Failed = 2,

    /// <summary>It reached the recipient.</summary>
    Delivered = 3,

    /// <summary>The recipient read it.</summary>
    Read = 4,
}

/// <summary>
/// The words of the protocol: ACCEPTED, SENT, FAILED, DELIVERED, READ. A word that is none of them is read as null.
/// </summary>
internal sealed class MessageStatusConverter : JsonConverter<MessageStatus?>
{
    public override bool HandleNull => true;

    public static MessageStatus? Parse(ref readonly Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? null
        : reader.ValueTextEquals("SENT"u8) ? MessageStatus.Sent
        : reader.ValueTextEquals("DELIVERED"u8) ? MessageStatus.Delivered
        : reader.ValueTextEquals("READ"u8) ? MessageStatus.Read
        : reader.ValueTextEquals("FAILED"u8) ? MessageStatus.Failed
        : reader.ValueTextEquals("ACCEPTED"u8) ? MessageStatus.Accepted
        : null;

    public override MessageStatus? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var status = Parse(ref reader);
        reader.TrySkip(); // the whole value is at hand, but not the whole page, for which Skip asks
        return status;
    }

    public override void Write(Utf8JsonWriter writer, MessageStatus? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value?.ToString().ToUpperInvariant());
}
