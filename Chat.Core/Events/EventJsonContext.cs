using System.Text.Json.Serialization;

namespace Chat.Core.Events;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusEventWire))]
[JsonSerializable(typeof(MessageEventWire))]
[JsonSerializable(typeof(string))]
internal sealed partial class EventJsonContext : JsonSerializerContext;
