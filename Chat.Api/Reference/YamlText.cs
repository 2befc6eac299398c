using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Chat.Api.Reference;

/// <summary>Reads YAML as the JSON that it stands for (YAML 1.2's core schema).</summary>
internal static class YamlText
{
    /// <exception cref="YamlException">It is no YAML, or has no document.</exception>
    public static JsonNode? Read(TextReader text)
    {
        var yaml = new YamlStream();
        yaml.Load(text);
        return yaml.Documents is [var document, ..] ? Convert(document.RootNode) : throw new YamlException("It has no document.");
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(
            member => KeyValuePair.Create(((YamlScalarNode)member.Key).Value!, Convert(member.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: var plain } => ConvertPlain(plain),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new YamlException(node.Start, node.End, $"{node.NodeType} is not read here."),
    };

    private static JsonValue? ConvertPlain(string? text) => text switch
    {
        null or "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),
        _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(text),
    };
}
