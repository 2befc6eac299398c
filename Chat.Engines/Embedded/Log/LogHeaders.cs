using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Chat.Core.Log;

namespace Chat.Engines.Embedded.Log;

/// <summary>Headers as the log keeps them: a JSON array of name, value, name, value, ...</summary>
internal static class LogHeaders
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static void Write(IBufferWriter<byte> buffer, IReadOnlyList<EventHeader> headers)
    {
        using var json = new Utf8JsonWriter(buffer, Options);
        json.WriteStartArray();
        for (var i = 0; i < headers.Count; i++)
        {
            json.WriteStringValue(headers[i].Name);
            json.WriteStringValue(headers[i].Value);
        }
        json.WriteEndArray();
    }

    public static IReadOnlyList<EventHeader> Read(ReadOnlySpan<byte> utf8)
    {
        var headers = new List<EventHeader>();
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            var name = reader.GetString()!;
            reader.Read();
            headers.Add(new(name, reader.GetString()!));
        }
        return headers;
    }
}
