using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Chat.Core.Events;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusEventWire))]
[JsonSerializable(typeof(MessageEventWire))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class EventJsonContext : JsonSerializerContext;

/// <summary>
/// As events are read and written. The encoder escapes no more than JSON asks for: a text has few bytes more in the log than it had
/// when it came in, and its accents are legible there.
/// </summary>
internal static class EventJson
{
    private static readonly EventJsonContext Context = new(new JsonSerializerOptions(EventJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = EventLimits.MaxDepth,
        AllowDuplicateProperties = false,
    });

    public static JsonTypeInfo<StatusEventWire> Status => Context.StatusEventWire;

    public static JsonTypeInfo<MessageEventWire> Message => Context.MessageEventWire;
}
