using System.Text.Json;
using System.Text.Json.Nodes;

namespace Chat.MetaSimulator.Graph;

/// <summary>Reads what anybody may have sent: whatever is of another kind is as if it were missing.</summary>
internal static class JsonReading
{
    public static string? Text(this JsonObject? owner, string name) =>
        owner?[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static JsonObject? Object(this JsonObject? owner, string name) => owner?[name] as JsonObject;

    public static JsonArray? Array(this JsonObject? owner, string name) => owner?[name] as JsonArray;

    public static bool IsNumber(this JsonObject? owner, string name) =>
        owner?[name] is JsonValue value
        && (value.GetValueKind() == JsonValueKind.Number || (owner.Text(name) is { } text && double.TryParse(text, out _)));

    public static bool IsTrue(this JsonObject? owner, string name) =>
        owner?[name] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    /// <summary>The text of what is a string or a number.</summary>
    public static string? Id(this JsonObject? owner, string name) => owner?[name] is JsonValue value ? value.ToString() : null;
}
