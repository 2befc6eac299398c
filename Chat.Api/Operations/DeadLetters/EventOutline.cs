using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Json;
using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.Api.Operations.DeadLetters;

/// <summary>
/// An event's JSON as an operator may see it, who belongs to no organization: what says where it belongs and what it reports is shown
/// (ids, times, statuses, channels, sizes), and no text that a person wrote. Judged by each value itself: a bad event may have anything
/// under any name.
/// </summary>
internal static class EventOutline
{
    private const int MostMembers = 200;
    private const int MaxDepth = 16;
    private const int LongestTime = 40;

    private static readonly FrozenSet<string> Words = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        [
            .. ChannelCatalog.Names, .. Enum.GetValues<MessageStatus>().Select(StatusNames.Format),
            MessageDirection.Outbound, MessageDirection.Inbound, "text",
        ]);

    // The names that events have, in every spelling that is read.
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.Ordinal,
        "message_id", "messageId", "conversation_id", "conversationId", "organizacao_id", "organizacaoId", "organization_id",
        "organizationId", "sender_id", "senderId", "channel", "direction", "type", "content", "texto", "recipient", "timestamp", "status",
        "reason", "provider_message_id", "providerMessageId", "joins", "authenticated", "topic", "partition", "offset");

    // Numbers that count something; any other could be somebody's.
    private static readonly FrozenSet<string> Numbers = FrozenSet.Create(StringComparer.Ordinal, "joins", "partition", "offset");

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    private static readonly JsonWriterOptions Writing = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The outline as indented JSON; null where the value is no JSON object that an event could be.</summary>
    public static string? Of(ReadOnlyMemory<byte> value)
    {
        using var document = JsonGate.Parse(value, EventLimits.MaxBytes, Reading, out _);
        if (document is not { RootElement: { ValueKind: JsonValueKind.Object } root }) return null;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            var left = MostMembers;
            Write(writer, root, name: null, ref left);
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, string? name, ref int left)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    if (left-- <= 0) break;
                    writer.WritePropertyName(Names.Contains(member.Name) ? member.Name : $"({member.Name.Length} characters)");
                    Write(writer, member.Value, member.Name, ref left);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    if (left-- <= 0) break;
                    Write(writer, item, name: null, ref left);
                }
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                var text = value.GetString()!;
                writer.WriteStringValue(IsTelling(text) ? text : $"({text.Length} characters)");
                break;
            case JsonValueKind.Number when name is null || !Numbers.Contains(name):
                writer.WriteStringValue("(a number)");
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static bool IsTelling(string text) =>
        Words.Contains(text)
        || Guid.TryParseExact(text, "D", out _)
        || (text.Length <= LongestTime
            && text.Contains('T', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _));
}
