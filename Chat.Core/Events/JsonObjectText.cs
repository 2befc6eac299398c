using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Chat.Core.Events;

/// <summary>
/// A JSON object kept as its text: written as it is, instead of being parsed to be written again. What is not an object is read as
/// an empty text.
/// </summary>
internal sealed class JsonObjectText : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        // By the options, which say how deep it may be and that no name comes twice.
        var value = JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<JsonElement>)options.GetTypeInfo(typeof(JsonElement)));
        return value.ValueKind == JsonValueKind.Object ? value.GetRawText() : "";
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteRawValue(value);
}
