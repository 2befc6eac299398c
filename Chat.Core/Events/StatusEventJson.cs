using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Chat.Core.Accounts;
using Chat.Core.Json;
using Chat.Core.Statuses;
using Chat.Core.Text;
using Chat.Core.Time;

namespace Chat.Core.Events;

/// <summary>
/// Reads and writes <see cref="StatusEvent"/>: snake_case as the seed's connectors write it, camelCase read too. Of two names
/// for one member the snake_case one counts. The <c>status</c> of an announcement is ACCEPTED.
/// </summary>
public static class StatusEventJson
{
    private static readonly JsonEncodedText MessageId = JsonEncodedText.Encode("message_id"), Channel = JsonEncodedText.Encode("channel"),
        Status = JsonEncodedText.Encode("status"), Timestamp = JsonEncodedText.Encode("timestamp"),
        ConversationId = JsonEncodedText.Encode("conversation_id"), OrganizationId = JsonEncodedText.Encode("organizacao_id"),
        Reason = JsonEncodedText.Encode("reason"), ProviderMessageId = JsonEncodedText.Encode("provider_message_id"),
        Joins = JsonEncodedText.Encode("joins"), Authenticated = JsonEncodedText.Encode("authenticated"),
        AccountId = JsonEncodedText.Encode("account_id");

    public static byte[] Write(StatusEvent status) => JsonBytes.Write(status, static (json, status) =>
    {
        json.WriteStartObject();
        if (status.MessageId is { } message) json.WriteString(MessageId, message);
        if (status.Channel is not null) json.WriteString(Channel, status.Channel);
        json.WriteString(Status, StatusNames.Format(status.Status));
        if (status.Timestamp is { } at) json.WriteTime(Timestamp, at);
        if (status.ConversationId is { } conversation) json.WriteString(ConversationId, conversation);
        if (status.OrganizationId is { } organization) json.WriteString(OrganizationId, organization);
        if (status.Reason is { } reason) json.WriteString(Reason, Utf8Length.Truncate(reason, EventLimits.MaxReasonBytes));
        if (status.ProviderMessageId is not null) json.WriteString(ProviderMessageId, status.ProviderMessageId);
        if (status.Joins is { } joins) json.WriteNumber(Joins, joins);
        if (status.Authenticated) json.WriteBoolean(Authenticated, true);
        if (status.AccountId is not null) json.WriteString(AccountId, status.AccountId);
        json.WriteEndObject();
    });

    /// <summary>Reads an event, whose texts are then within <see cref="EventLimits"/>; null where it can't be used. Never throws.</summary>
    public static StatusEvent? TryRead(ReadOnlySpan<byte> json, out EventError? error)
    {
        error = null;
        return PlainStatusEvent.TryRead(json) ?? TryReadAny(json, out error);
    }

    private static StatusEvent? TryReadAny(ReadOnlySpan<byte> json, out EventError? error)
    {
        if (JsonGate.Read(json, EventLimits.MaxBytes, EventJson.Status, out var fault) is not { } wire)
        {
            error = EventError.From(fault!, "a status event");
            return null;
        }
        var fields = new EventFields();
        var kind = StatusNames.ParseKind(wire.Status);
        if (kind is null && !StatusNames.IsAccepted(wire.Status)) fields.Refuse(NotAStatus(wire.Status));
        var messageId = fields.Id("message_id", wire.MessageId);
        var conversationId = fields.Id("conversation_id", wire.ConversationId);
        var organizationId = fields.Id("organizacao_id", wire.OrganizationId);
        var providerMessageId = fields.Text("provider_message_id", wire.ProviderMessageId, EventLimits.MaxProviderMessageId);
        if (messageId is null && string.IsNullOrEmpty(providerMessageId)) fields.Refuse(EventError.Missing("message_id"));
        var channel = fields.Text("channel", wire.Channel?.Trim(), EventLimits.MaxChannel);
        var accountId = fields.Text("account_id", wire.AccountId, AccountKey.MaxId);
        if (wire.Joins is < 0) fields.Refuse(new(EventErrorKind.WrongType, "joins", "is no event's number"));
        error = fields.Error;
        if (error is not null) return null;
        return new(
            messageId,
            conversationId,
            organizationId,
            string.IsNullOrEmpty(channel) ? null : channel.ToLowerInvariant(),
            kind,
            ReadTime(wire.Timestamp),
            string.IsNullOrWhiteSpace(wire.Reason) ? null : Utf8Length.Truncate(wire.Reason, EventLimits.MaxReasonBytes),
            providerMessageId,
            wire.Joins,
            wire.Authenticated == true,
            accountId);
    }

    private static EventError NotAStatus(string? status) => status is null
        ? EventError.Missing("status")
        : new(EventErrorKind.NotAStatus, "status", $"'{Printable.Line(status)}' is none of {StatusNames.Kinds}");

    /// <summary>ISO 8601, or Unix seconds or milliseconds as a number or a string; null where it is none of these.</summary>
    private static DateTimeOffset? ReadTime(JsonElement? element)
    {
        if (element is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number) return value.TryGetDouble(out var number) ? FromUnix(number) : null;
        if (value.ValueKind != JsonValueKind.String) return null;
        var text = value.GetString();
        if (text!.Length > EventLimits.MaxTimestamp) return null;
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

    public bool? Authenticated { get; set; }

    public string? AccountId { get; set; }

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
