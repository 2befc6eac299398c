using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Chat.Core.Json;

/// <summary>
/// Writes JSON of our own, never put into HTML by us, so that accents stay legible. A thread uses its writer and its buffer again and
/// again: what is allocated for a text is the text.
/// </summary>
internal static class JsonBytes
{
    public static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    // A larger one is rare, and not kept.
    private const int MostKept = 64 * 1024;

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json)? _idle;

    /// <param name="write">Writes one whole value. It may call this too.</param>
    public static byte[] Write<T>(T value, Action<Utf8JsonWriter, T> write)
    {
        var (buffer, json) = _idle ?? Create();
        _idle = null;
        write(json, value);
        json.Flush();
        var bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity > MostKept) return bytes;
        buffer.ResetWrittenCount();
        json.Reset();
        _idle = (buffer, json);
        return bytes;
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Json) Create()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        return (buffer, new(buffer, Options));
    }
}
