using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Statuses;

namespace Chat.Core.Events;

/// <summary>
/// Reads a status event in the form in which this project writes it, straight from its bytes: nearly all are such, and read in a fraction
/// of the time. Of anything else it says nothing; <see cref="StatusEventJson"/> reads that, and knows what is wrong with it.
/// </summary>
internal static class PlainStatusEvent
{
    private const int TimestampLength = 24;

    private static readonly ImmutableArray<(byte[] Utf8, StatusKind? Kind)> Statuses =
        [.. StatusKinds.All.Select(k => (StatusKind?)k).Append(null).Select(k => (Encoding.ASCII.GetBytes(StatusNames.Format(k)), k))];

    private static readonly ImmutableArray<(byte[] Utf8, string Name)> Channels =
        [.. ChannelCatalog.Names.Select(n => (Encoding.ASCII.GetBytes(n), n))];

    /// <summary>
    /// The event, as <see cref="StatusEventJson.TryRead"/> reads it; null where it has a member that is unknown, comes twice or
    /// is of another form, an escape, or a text that is not ASCII. Never throws.
    /// </summary>
    public static StatusEvent? TryRead(ReadOnlySpan<byte> json)
    {
        // The grammar is checked to the end, so that nothing is accepted here that is refused there.
        try
        {
            var reader = new Utf8JsonReader(json);
            return json.Length <= EventLimits.MaxBytes && reader.Read() && reader.TokenType == JsonTokenType.StartObject
                ? ReadMembers(ref reader)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static StatusEvent? ReadMembers(ref Utf8JsonReader reader)
    {
        Guid? messageId = null, conversationId = null, organizationId = null;
        string? channel = null, providerMessageId = null, accountId = null;
        StatusKind? kind = null;
        DateTimeOffset? timestamp = null;
        var authenticated = false;
        var seen = Members.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = MemberOf(ref reader);
            if (member == Members.None || (seen & member) != 0 || !reader.Read()) return null;
            seen |= member;
            if (member == Members.Authenticated)
            {
                if (reader.TokenType != JsonTokenType.True) return null;
                authenticated = true;
                continue;
            }
            if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) return null;
            var isRead = member switch
            {
                Members.MessageId => TryReadId(ref reader, out messageId),
                Members.ConversationId => TryReadId(ref reader, out conversationId),
                Members.OrganizationId => TryReadId(ref reader, out organizationId),
                Members.Channel => TryFind(Channels, reader.ValueSpan, out channel),
                Members.Status => TryFind(Statuses, reader.ValueSpan, out kind),
                Members.Timestamp => TryReadTime(ref reader, out timestamp),
                Members.ProviderMessageId => TryReadAscii(ref reader, EventLimits.MaxProviderMessageId, out providerMessageId),
                _ => TryReadAscii(ref reader, AccountKey.MaxId, out accountId),
            };
            if (!isRead) return null;
        }
        return reader.TokenType == JsonTokenType.EndObject && !reader.Read()
            && (seen & Members.Status) != 0 && (messageId is not null || providerMessageId is not null)
                ? new(
                    messageId, conversationId, organizationId, channel, kind, timestamp, Reason: null, providerMessageId,
                    Joins: null, authenticated, accountId)
                : null;
    }

    private static Members MemberOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped) return Members.None;
        var name = reader.ValueSpan;
        return name.SequenceEqual("message_id"u8) ? Members.MessageId
            : name.SequenceEqual("channel"u8) ? Members.Channel
            : name.SequenceEqual("status"u8) ? Members.Status
            : name.SequenceEqual("timestamp"u8) ? Members.Timestamp
            : name.SequenceEqual("conversation_id"u8) ? Members.ConversationId
            : name.SequenceEqual("organizacao_id"u8) ? Members.OrganizationId
            : name.SequenceEqual("provider_message_id"u8) ? Members.ProviderMessageId
            : name.SequenceEqual("authenticated"u8) ? Members.Authenticated
            : name.SequenceEqual("account_id"u8) ? Members.AccountId
            : Members.None;
    }

    // As 8-4-4-4-12.
    private static bool TryReadId(ref Utf8JsonReader reader, out Guid? id)
    {
        id = reader.TryGetGuid(out var read) && read != Guid.Empty ? read : null;
        return id is not null;
    }

    private static bool TryReadTime(ref Utf8JsonReader reader, out DateTimeOffset? time)
    {
        time = reader.ValueSpan is { Length: TimestampLength } text && text[^1] == 'Z' && reader.TryGetDateTimeOffset(out var read)
            ? read
            : null;
        return time is not null;
    }

    private static bool TryReadAscii(ref Utf8JsonReader reader, int maxLength, out string? text)
    {
        var bytes = reader.ValueSpan;
        text = bytes.Length > 0 && bytes.Length <= maxLength && Ascii.IsValid(bytes) ? Encoding.ASCII.GetString(bytes) : null;
        return text is not null;
    }

    private static bool TryFind<T>(ImmutableArray<(byte[] Utf8, T Value)> words, ReadOnlySpan<byte> utf8, out T? value)
    {
        foreach (var (word, means) in words)
        {
            if (!utf8.SequenceEqual(word)) continue;
            value = means;
            return true;
        }
        value = default;
        return false;
    }

    [Flags]
    private enum Members
    {
        None = 0,
        MessageId = 1,
        Channel = 1 << 1,
        Status = 1 << 2,
        Timestamp = 1 << 3,
        ConversationId = 1 << 4,
        OrganizationId = 1 << 5,
        ProviderMessageId = 1 << 6,
        Authenticated = 1 << 7,
        AccountId = 1 << 8,
    }
}
