using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chat.Core.Statuses;
using Chat.Core.Time;

namespace Chat.Core.Events;

/// <summary>
/// Reads and writes <see cref="StatusEvent"/>: snake_case as the seed's connectors write it, camelCase read too. Of two names
/// for one member the snake_case one counts.
/// </summary>
public static class StatusEventJson
{
    public static byte[] Write(StatusEvent status) => JsonSerializer.SerializeToUtf8Bytes(
        new StatusEventWire
        {
            MessageId = status.MessageId?.ToString("D"),
            Channel = status.Channel,
            Status = StatusNames.Format(status.Status),
            Timestamp = status.Timestamp is { } at ? JsonSerializer.SerializeToElement(WireTime.Format(at), EventJsonContext.Default.String) : null,
            ConversationId = status.ConversationId?.ToString("D"),
            OrganizationId = status.OrganizationId?.ToString("D"),
            Reason = status.Reason,
            ProviderMessageId = status.ProviderMessageId,
            Joins = status.Joins,
        },
        EventJsonContext.Default.StatusEventWire);

    /// <summary>Reads an event; null where it can't be used, with an error that names the field.</summary>
    public static StatusEvent? TryRead(ReadOnlySpan<byte> json, out string? error)
    {
        StatusEventWire? wire;
        try
        {
            wire = JsonSerializer.Deserialize(json, EventJsonContext.Default.StatusEventWire);
        }
        catch (JsonException exception)
        {
            error = $"not a status event: {exception.Message}";
            return null;
        }
        if (wire is null)
        {
            error = "not a status event: null";
            return null;
        }
        if (StatusNames.ParseKind(wire.Status) is not { } kind)
        {
            error = $"status: '{wire.Status}' is none of SENT, DELIVERED, READ, FAILED";
            return null;
        }
        if (!TryGuid(wire.MessageId, "message_id", out var messageId, out error)
            || !TryGuid(wire.ConversationId, "conversation_id", out var conversationId, out error)
            || !TryGuid(wire.OrganizationId, "organizacao_id", out var organizationId, out error))
        {
            return null;
        }
        if (messageId is null && string.IsNullOrEmpty(wire.ProviderMessageId))
        {
            error = "message_id: missing";
            return null;
        }
        error = null;
        return new(
            messageId,
            conversationId,
            organizationId,
            string.IsNullOrWhiteSpace(wire.Channel) ? null : wire.Channel.Trim().ToLowerInvariant(),
            kind,
            ReadTime(wire.Timestamp),
            string.IsNullOrWhiteSpace(wire.Reason) ? null : wire.Reason,
            wire.ProviderMessageId,
            wire.Joins);
    }

    private static bool TryGuid(string? text, string field, out Guid? id, out string? error)
    {
        (id, error) = (null, null);
        if (string.IsNullOrWhiteSpace(text)) return true;
        if (Guid.TryParse(text, out var parsed))
        {
            id = parsed;
            return true;
        }
        error = $"{field}: '{text}' is not a UUID";
        return false;
    }

    /// <summary>ISO 8601, or Unix seconds or milliseconds as a number or a string; null where it is none of these.</summary>
    private static DateTimeOffset? ReadTime(JsonElement? element)
    {
        if (element is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number) return value.TryGetDouble(out var number) ? FromUnix(number) : null;
        if (value.ValueKind != JsonValueKind.String) return null;
        var text = value.GetString();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var unix)) return FromUnix(unix);
        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
    }

    // Seconds stay below this until the year 5138; milliseconds have been above it since 1973.
    private const double SmallestMilliseconds = 1e11;

    private static DateTimeOffset? FromUnix(double value)
    {
        var milliseconds = value >= SmallestMilliseconds ? value : value * 1000;
        return milliseconds >= 0 && milliseconds < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds)
            : null;
    }
}

internal sealed class StatusEventWire
{
    public string? MessageId { get; set; }

    public string? Channel { get; set; }

    public string? Status { get; set; }

    public JsonElement? Timestamp { get; set; }

    public string? ConversationId { get; set; }

    [JsonPropertyName("organizacao_id")]
    public string? OrganizationId { get; set; }

    public string? Reason { get; set; }

    public string? ProviderMessageId { get; set; }

    public long? Joins { get; set; }

    // Read only: the other names that connectors use.

    [JsonPropertyName("messageId")]
    public string? MessageIdCamelCase { set => MessageId ??= value; }

    [JsonPropertyName("conversationId")]
    public string? ConversationIdCamelCase { set => ConversationId ??= value; }

    [JsonPropertyName("organization_id")]
    public string? OrganizationIdEnglish { set => OrganizationId ??= value; }

    [JsonPropertyName("organizationId")]
    public string? OrganizationIdCamelCase { set => OrganizationId ??= value; }

    [JsonPropertyName("organizacaoId")]
    public string? OrganizacaoIdCamelCase { set => OrganizationId ??= value; }

    [JsonPropertyName("providerMessageId")]
    public string? ProviderMessageIdCamelCase { set => ProviderMessageId ??= value; }
}
