using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chat.Core.Messages;
using Chat.Core.Time;

namespace Chat.Core.Events;

/// <summary>
/// Reads and writes a <see cref="Message"/> as the topics <c>messages</c>, <c>msg.out.{channel}</c> and <c>msg.in.{channel}</c>
/// carry it: snake_case written, camelCase read too.
/// </summary>
public static class MessageEventJson
{
    // People write messages: their accents stay as they are, in half the bytes, and legible in the log.
    private static readonly EventJsonContext Legible =
        new(new JsonSerializerOptions(EventJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static byte[] Write(Message message)
    {
        using var content = JsonDocument.Parse(message.Content);
        return JsonSerializer.SerializeToUtf8Bytes(
            new MessageEventWire
            {
                MessageId = message.MessageId,
                ConversationId = message.ConversationId,
                OrganizationId = message.OrganizationId,
                SenderId = message.SenderId,
                Channel = message.Channel,
                Direction = message.Direction,
                Type = message.Type,
                Content = content.RootElement,
                Recipient = message.Recipient,
                Timestamp = WireTime.Format(message.CreatedAt),
            },
            Legible.MessageEventWire);
    }

    /// <summary>Reads a message; null where it can't be used, with an error that names the field.</summary>
    public static Message? TryRead(ReadOnlySpan<byte> json, out string? error)
    {
        MessageEventWire? wire;
        try
        {
            wire = JsonSerializer.Deserialize(json, EventJsonContext.Default.MessageEventWire);
        }
        catch (JsonException exception)
        {
            error = $"not a message: {exception.Message}";
            return null;
        }
        error = wire switch
        {
            null => "not a message: null",
            { MessageId: null } => "message_id: missing",
            { ConversationId: null } => "conversation_id: missing",
            { OrganizationId: null } => "organizacao_id: missing",
            { SenderId: null } => "sender_id: missing",
            { Channel: null } => "channel: missing",
            { Content.ValueKind: not JsonValueKind.Object } or { Content: null } => "content: not an object",
            _ => null,
        };
        if (error is not null) return null;
        if (Ids.MessageIds.CreatedAt(wire!.MessageId!.Value) is not { } createdAt)
        {
            error = "message_id: not a UUIDv7";
            return null;
        }
        return new(
            wire.MessageId.Value,
            wire.ConversationId!.Value,
            wire.OrganizationId!.Value,
            wire.SenderId!.Value,
            wire.Channel!,
            wire.Direction ?? MessageDirection.Outbound,
            wire.Type ?? "text",
            wire.Content!.Value.GetRawText(),
            wire.Recipient,
            createdAt);
    }
}

internal sealed class MessageEventWire
{
    public Guid? MessageId { get; set; }

    public Guid? ConversationId { get; set; }

    [JsonPropertyName("organizacao_id")]
    public Guid? OrganizationId { get; set; }

    public Guid? SenderId { get; set; }

    public string? Channel { get; set; }

    public string? Direction { get; set; }

    public string? Type { get; set; }

    public JsonElement? Content { get; set; }

    public string? Recipient { get; set; }

    public string? Timestamp { get; set; }

    // Read only: the other names that producers use.

    [JsonPropertyName("messageId")]
    public Guid? MessageIdCamelCase { set => MessageId ??= value; }

    [JsonPropertyName("conversationId")]
    public Guid? ConversationIdCamelCase { set => ConversationId ??= value; }

    [JsonPropertyName("organizationId")]
    public Guid? OrganizationIdCamelCase { set => OrganizationId ??= value; }

    [JsonPropertyName("organizacaoId")]
    public Guid? OrganizacaoIdCamelCase { set => OrganizationId ??= value; }

    [JsonPropertyName("senderId")]
    public Guid? SenderIdCamelCase { set => SenderId ??= value; }
}
