using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Channels;
using Chat.Core.Messages;

namespace Chat.Api.Messages;

/// <summary>What a client asked to send, checked apart from who it is.</summary>
internal sealed record PostedMessage(
    Guid ConversationId, Guid OrganizationId, Guid SenderId, string Channel, string Type, string Content, string? Recipient)
{
    public const string Text = "text";

    /// <summary>Of <c>texto</c>, in UTF-16 code units; WhatsApp takes no more.</summary>
    public const int MaxText = 4096;

    public const int MaxRecipient = 256;

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
        ReadChoice(fields, "tipo", Text, required: true, errors);
        ReadChoice(fields, "direcao", MessageDirection.Outbound, required: false, errors);
        var content = ReadContent(body, errors);
        var channelName = fields.Text("canal");
        var channel = string.IsNullOrWhiteSpace(channelName) ? ChannelCatalog.Default : ChannelCatalog.Find(channelName.Trim());
        if (channel is null) errors.Add("canal", UserTexts.NotOneOf(string.Join(", ", ChannelCatalog.Names)));
        var recipient = ReadRecipient(fields, errors);
        return errors.Any
            ? null
            : new(conversation!.Value, organization!.Value, sender!.Value, channel!.Name, Text, content!, recipient);
    }

    /// <summary>
    /// The same for two bodies that ask for the same, whatever the order and the spaces of their JSON: two posts with one
    /// idempotency key must have the same.
    /// </summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{ConversationId:D}\n{SenderId:D}\n{Channel}\n{Type}\n{Recipient}\n{Content}")));

    private static void ReadChoice(JsonFields fields, string field, string only, bool required, FieldErrors errors)
    {
        var before = errors.Count;
        var value = fields.Text(field);
        if (errors.Count > before || (value is null && !required)) return;
        if (!string.Equals(value, only, StringComparison.OrdinalIgnoreCase)) errors.Add(field, UserTexts.NotOneOf($"\"{only}\""));
    }

    private static string? ReadContent(JsonElement body, FieldErrors errors)
    {
        if (!body.TryGetProperty("conteudo", out var content) || content.ValueKind != JsonValueKind.Object)
        {
            errors.Add("conteudo", UserTexts.NotContent);
            return null;
        }
        var inner = new FieldErrors();
        var text = new JsonFields(content, inner).Text("texto");
        if (inner.Any) errors.Add("conteudo.texto", inner.First().Value);
        else if (string.IsNullOrWhiteSpace(text)) errors.Add("conteudo.texto", UserTexts.NoText);
        else if (text.Length > MaxText) errors.Add("conteudo.texto", UserTexts.TooLong(text.Length, MaxText));
        else return Rewrite(content);
        return null;
    }

    /// <summary>The content without its spaces.</summary>
    private static string Rewrite(JsonElement content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, ContentOptions)) content.WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
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
