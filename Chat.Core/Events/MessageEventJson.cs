using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chat.Core.Accounts;
using Chat.Core.Ids;
using Chat.Core.Json;
using Chat.Core.Messages;
using Chat.Core.Time;

namespace Chat.Core.Events;

/// <summary>
/// Reads and writes a <see cref="Message"/> as the topics <c>messages</c>, <c>msg.out.{channel}</c> and <c>msg.in.{channel}</c>
/// carry it: snake_case written, camelCase read too.
/// </summary>
public static class MessageEventJson
{
    public static byte[] Write(Message message) => JsonSerializer.SerializeToUtf8Bytes(
        new MessageEventWire
        {
            MessageId = MessageIds.Format(message.MessageId),
            ConversationId = MessageIds.Format(message.ConversationId),
            OrganizationId = MessageIds.Format(message.OrganizationId),
            SenderId = MessageIds.Format(message.SenderId),
            Channel = message.Channel,
            Direction = message.Direction,
            Type = message.Type,
            Content = message.Content,
            Recipient = message.Recipient,
            AccountId = message.AccountId,
            ProviderMessageId = message.ProviderMessageId,
            Timestamp = WireTime.Format(message.CreatedAt),
        },
        EventJson.Message);

    /// <summary>
    /// Reads a message, whose texts are then within <see cref="EventLimits"/>; null where it can't be used. Never throws.
    /// </summary>
    public static Message? TryRead(ReadOnlySpan<byte> json, out EventError? error)
    {
        if (JsonGate.Read(json, EventLimits.MaxBytes, EventJson.Message, out var fault) is not { } wire)
        {
            error = EventError.From(fault!, "a message");
            return null;
        }
        var fields = new EventFields();
        var messageId = fields.RequiredId("message_id", wire.MessageId);
        var conversationId = fields.RequiredId("conversation_id", wire.ConversationId);
        var organizationId = fields.RequiredId("organizacao_id", wire.OrganizationId);
        var senderId = fields.RequiredId("sender_id", wire.SenderId);
        var channel = fields.Text("channel", wire.Channel, EventLimits.MaxChannel);
        if (channel is null) fields.Refuse(EventError.Missing("channel"));
        var direction = fields.Text("direction", wire.Direction, EventLimits.MaxWord);
        var type = fields.Text("type", wire.Type, EventLimits.MaxWord);
        var recipient = fields.Text("recipient", wire.Recipient, EventLimits.MaxRecipient);
        var accountId = fields.Text("account_id", wire.AccountId, AccountKey.MaxId);
        var providerMessageId = fields.Text("provider_message_id", wire.ProviderMessageId, EventLimits.MaxProviderMessageId);
        var content = ReadContent(wire.Content, ref fields);
        var createdAt = MessageIds.CreatedAt(messageId);
        if (createdAt is null) fields.Refuse(new(EventErrorKind.NotAUuid, "message_id", "not a UUIDv7"));
        error = fields.Error;
        return error is not null
            ? null
            : new(
                messageId,
                conversationId,
                organizationId,
                senderId,
                channel!,
                direction ?? MessageDirection.Outbound,
                type ?? "text",
                content!,
                recipient,
                createdAt!.Value,
                AccountId: accountId,
                ProviderMessageId: providerMessageId);
    }

    private static string? ReadContent(string? content, ref EventFields fields)
    {
        if (string.IsNullOrEmpty(content))
        {
            fields.Refuse(new(EventErrorKind.WrongType, "content", "not an object"));
            return null;
        }
        var bytes = Encoding.UTF8.GetByteCount(content);
        if (bytes <= EventLimits.MaxContentBytes) return content;
        fields.Refuse(new(
            EventErrorKind.TooLong,
            "content",
            $"has {bytes} bytes; {EventLimits.MaxContentBytes} are the most",
            EventLimits.MaxContentBytes));
        return null;
    }
}

internal sealed class MessageEventWire
{
    public string? MessageId { get; set; }

    public string? ConversationId { get; set; }

    [JsonPropertyName("organizacao_id")]
    public string? OrganizationId { get; set; }

    public string? SenderId { get; set; }

    public string? Channel { get; set; }

    public string? Direction { get; set; }

    public string? Type { get; set; }

    [JsonConverter(typeof(JsonObjectText))]
    public string? Content { get; set; }

    public string? Recipient { get; set; }

    public string? AccountId { get; set; }

    public string? ProviderMessageId { get; set; }

    public string? Timestamp { get; set; }

    // Read only: the other names that producers use.

    [JsonPropertyName("messageId")]
    public string? MessageIdCamelCase { set => MessageId ??= value; }

    [JsonPropertyName("conversationId")]
    public string? ConversationIdCamelCase { set => ConversationId ??= value; }

    [JsonPropertyName("organizationId")]
    public string? OrganizationIdCamelCase { set => OrganizationId ??= value; }

    [JsonPropertyName("organizacaoId")]
    public string? OrganizacaoIdCamelCase { set => OrganizationId ??= value; }

    [JsonPropertyName("senderId")]
    public string? SenderIdCamelCase { set => SenderId ??= value; }
}
