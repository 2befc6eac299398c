using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Messages;

namespace Chat.Api.Messages;

/// <summary>What a client asked to send, checked apart from who it is.</summary>
internal sealed record PostedMessage(
    Guid ConversationId,
    Guid OrganizationId,
    Guid SenderId,
    string Channel,
    string Type,
    string Content,
    string? Recipient,
    string? NamedAccount = null)
{
    /// <summary>Of <c>texto</c>, in UTF-16 code units; WhatsApp takes no more.</summary>
    public const int MaxText = 4096;

    public const int MaxRecipient = 256;

    /// <summary>From which of the organization's accounts it goes; null for the simulated channel. Decided after it was read.</summary>
    public string? AccountId { get; init; }

    private static readonly JsonWriterOptions ContentOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads the seed's body; null where anything is wrong, all of which is noted.</summary>
    public static PostedMessage? TryRead(JsonElement body, FieldErrors errors)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            errors.Add(JsonBody.Root, UserTexts.NotAnObject);
            return null;
        }
        var fields = new JsonFields(body, errors);
        var conversation = fields.Id("conversaId", required: true);
        var organization = fields.Id("organizacaoId", required: true);
        var sender = fields.Id("usuarioRemetenteId", required: true);
        ReadDirection(fields, errors);
        var channelName = fields.Text("canal");
        var channel = string.IsNullOrWhiteSpace(channelName) ? ChannelCatalog.Default : ChannelCatalog.Find(channelName.Trim());
        if (channel is null) errors.Add("canal", UserTexts.NotOneOf(string.Join(", ", ChannelCatalog.Names)));
        var limits = ChannelLimits.Of(channel ?? ChannelCatalog.Default);
        var type = ReadType(fields, limits, errors);
        var content = ReadContent(body, type, limits, errors);
        var recipient = ReadRecipient(fields, errors);
        var account = ReadAccount(fields, errors);
        return errors.Any
            ? null
            : new(conversation!.Value, organization!.Value, sender!.Value, channel!.Name, type!, content!, recipient, account);
    }

    /// <summary>
    /// The same for two bodies that ask for the same, whatever the order and the spaces of their JSON: two posts with one
    /// idempotency key must have the same.
    /// </summary>
    public string Hash() => HashOf(Sort(Content));

    /// <summary>Whether a hash is the one that was kept of this before the content's members were put in order.</summary>
    public bool IsEarlierHash(string hash) => hash == HashOf(Content);

    private string HashOf(string content)
    {
        var asked = $"{ConversationId:D}\n{SenderId:D}\n{Channel}\n{Type}\n{Recipient}\n{content}";
        // As before there were accounts, where it names none.
        if (NamedAccount is not null) asked += $"\n{NamedAccount}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(asked)));
    }

    private static void ReadDirection(JsonFields fields, FieldErrors errors)
    {
        if (fields.Text("direcao") is { } direction
            && !string.Equals(direction, MessageDirection.Outbound, StringComparison.OrdinalIgnoreCase))
            errors.Add("direcao", UserTexts.NotOneOf($"\"{MessageDirection.Outbound}\""));
    }

    private static string? ReadType(JsonFields fields, ChannelLimits limits, FieldErrors errors)
    {
        var before = errors.Count;
        var type = fields.Text("tipo")?.ToLowerInvariant();
        if (errors.Count > before) return null;
        if (type is not null && limits.Types.Contains(type)) return type;
        errors.Add("tipo", UserTexts.NotOneOf(string.Join(", ", limits.Types)));
        return null;
    }

    private static string? ReadContent(JsonElement body, string? type, ChannelLimits limits, FieldErrors errors)
    {
        if (!body.TryGetProperty("conteudo", out var content) || content.ValueKind != JsonValueKind.Object)
        {
            errors.Add("conteudo", UserTexts.NotContent);
            return null;
        }
        if (type is null) return null;
        var before = errors.Count;
        PostedContent.Check(content, type, limits, errors);
        return errors.Count > before ? null : Rewrite(content);
    }

    private static string? ReadAccount(JsonFields fields, FieldErrors errors)
    {
        var account = fields.Text("conta")?.Trim();
        if (string.IsNullOrEmpty(account)) return null;
        if (account.Length > AccountKey.MaxId) errors.Add("conta", UserTexts.TooLong(account.Length, AccountKey.MaxId));
        return account;
    }

    /// <summary>The content without its spaces.</summary>
    private static string Rewrite(JsonElement content) => Write(content.WriteTo);

    private static string Sort(string content) => Write(writer => WriteSorted(writer, JsonElement.Parse(content)));

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, ContentOptions)) write(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    // The members of objects by their names; what is in an array has its order for a reason.
    private static void WriteSorted(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    WriteSorted(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in value.EnumerateArray()) WriteSorted(writer, element);
                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private static string? ReadRecipient(JsonFields fields, FieldErrors errors)
    {
        var recipient = fields.Text("destinatario")?.Trim();
        if (string.IsNullOrEmpty(recipient)) return null;
        if (recipient.Length > MaxRecipient) errors.Add("destinatario", UserTexts.TooLong(recipient.Length, MaxRecipient));
        else if (recipient.Any(char.IsControl)) errors.Add("destinatario", UserTexts.ControlCharacters);
        return recipient;
    }
}
