using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Chat.Core.Json;

/// <summary>
/// What all JSON that comes in passes first, over HTTP, from a topic, from the bus or in a frame: its size is bounded, it is valid
/// UTF-8, and each of its texts and names can be decoded. It answers a value or a fault, and throws on no input: a text that only
/// fails when it is decoded, long after it was read, would stop whatever reads it then.
/// </summary>
public static class JsonGate
{
    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>
    /// What is wrong with the bytes as text; null where nothing is. All that a reader needs which then goes over the tokens itself:
    /// nothing that it decodes throws.
    /// </summary>
    public static JsonFault? Check(ReadOnlySpan<byte> json, int maxBytes) =>
        CheckBytes(json, maxBytes)
        ?? (SurrogateEscapes.HasHalf(json)
            ? new(JsonFaultKind.HalfSurrogate, "holds half of a surrogate pair", JsonFaultFinder.FieldOfHalf(json))
            : null);

    /// <summary>As <see cref="Check"/>, but for escapes: for an array whose items are read one by one, each by this gate.</summary>
    public static JsonFault? CheckBytes(ReadOnlySpan<byte> json, int maxBytes) =>
        json.IsEmpty ? new(JsonFaultKind.Empty, "empty")
        : json.Length > maxBytes ? new(JsonFaultKind.TooLarge, $"{json.Length} bytes; {maxBytes} are the most")
        : !Utf8.IsValid(json) ? new(JsonFaultKind.NotUtf8, "not valid UTF-8")
        : null;

    /// <summary>Reads a value by its type's options, which say how deep it may be and whether a name may come twice.</summary>
    public static T? Read<T>(ReadOnlySpan<byte> json, int maxBytes, JsonTypeInfo<T> type, out JsonFault? fault)
        where T : class
    {
        if (json.StartsWith(ByteOrderMark)) json = json[ByteOrderMark.Length..];
        fault = Check(json, maxBytes);
        if (fault is not null) return null;
        try
        {
            var value = JsonSerializer.Deserialize(json, type);
            if (value is null) fault = new(JsonFaultKind.WrongType, "null");
            return value;
        }
        catch (JsonException exception)
        {
            fault = JsonFaultFinder.Explain(json, exception, type.Options.MaxDepth, type.Options.AllowDuplicateProperties);
            return null;
        }
    }

    /// <summary>Reads a document, which is the caller's to dispose.</summary>
    /// <param name="deferTexts">
    /// For an array whose items are read one by one: texts that can't be decoded are found then. Takes options that allow duplicates.
    /// </param>
    public static JsonDocument? Parse(
        ReadOnlyMemory<byte> json, int maxBytes, JsonDocumentOptions options, out JsonFault? fault, bool deferTexts = false)
    {
        if (json.Span.StartsWith(ByteOrderMark)) json = json[ByteOrderMark.Length..];
        fault = deferTexts ? CheckBytes(json.Span, maxBytes) : Check(json.Span, maxBytes);
        if (fault is not null) return null;
        try
        {
            return JsonDocument.Parse(json, options);
        }
        catch (JsonException exception)
        {
            fault = JsonFaultFinder.Explain(json.Span, exception, options.MaxDepth, options.AllowDuplicateProperties);
            return null;
        }
    }
}
