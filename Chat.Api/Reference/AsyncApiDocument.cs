using System.Reflection;
using System.Text.Json.Nodes;

namespace Chat.Api.Reference;

/// <summary><c>docs/asyncapi.yaml</c>, as it was built in.</summary>
internal static class AsyncApiDocument
{
    private const string Resource = "asyncapi.yaml";

    public static string Text { get; } = ReadText();

    public static JsonObject Read()
    {
        using var reader = new StringReader(Text);
        return YamlText.Read(reader)!.AsObject();
    }

    /// <summary>What a value refers to, where it is a reference into the document; else the value.</summary>
    public static JsonNode? Resolve(this JsonNode root, JsonNode? value)
    {
        while (value is JsonObject map && map["$ref"] is { } reference)
        {
            var path = reference.GetValue<string>().TrimStart('#', '/').Split('/');
            value = path.Aggregate<string, JsonNode?>(root, (node, name) => node?[name]);
        }
        return value;
    }

    private static string ReadText()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
