using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace Chat.Tests.Described;

/// <summary>The schemas of a document: each can be asked whether a value is what it says, by the names it has in the document.</summary>
/// <param name="components">The document's <c>components/schemas</c>.</param>
/// <param name="dialect">What its schemas are written in.</param>
internal sealed class SchemaSet(JsonObject components, SchemaDialect dialect)
{
    private const string Prefix = "#/components/schemas/";

    private static readonly string[] Values = ["example", "examples", "default", "enum", "const"];

    private static readonly EvaluationOptions Options = new() { OutputFormat = OutputFormat.List, RequireFormatValidation = true };

    /// <summary>
    /// A schema of the document. Clients are to ignore members that they don't know, so that a documented object may have others; a
    /// strict one has none: what is seen is documented.
    /// </summary>
    public JsonSchema Read(JsonNode schema, bool isStrict)
    {
        var definitions = new JsonObject();
        foreach (var (name, value) in components) definitions[name] = Rewrite(value!, isStrict);
        var root = new JsonObject
        {
            ["$schema"] = dialect.Uri,
            [dialect.Definitions] = definitions,
            ["allOf"] = new JsonArray(Rewrite(schema, isStrict)),
        };
        return JsonSchema.FromText(root.ToJsonString());
    }

    /// <summary>What is wrong with a value; null where nothing is.</summary>
    public static string? Check(JsonSchema schema, JsonElement value)
    {
        var result = schema.Evaluate(value, Options);
        if (result.IsValid) return null;
        var errors = (result.Details ?? [])
            .Where(d => d.Errors is { Count: > 0 })
            .Select(d => $"{d.InstanceLocation}: {string.Join("; ", d.Errors!.Values)} ({d.EvaluationPath})");
        return string.Join("\n", errors);
    }

    private JsonNode Rewrite(JsonNode node, bool isStrict)
    {
        if (node is JsonArray array) return new JsonArray([.. array.Select(item => item is null ? null : Rewrite(item, isStrict))]);
        if (node is not JsonObject from) return node.DeepClone();
        var to = new JsonObject();
        foreach (var (name, value) in from)
        {
            to[name] = name == "$ref" ? value!.GetValue<string>().Replace(Prefix, $"#/{dialect.Definitions}/", StringComparison.Ordinal)
                : value is null || Values.Contains(name) ? value?.DeepClone()
                : Rewrite(value, isStrict);
        }
        if (isStrict && from["properties"] is JsonObject && !from.ContainsKey("additionalProperties")) to["additionalProperties"] = false;
        return to;
    }
}

/// <summary>A version of JSON Schema.</summary>
/// <param name="Definitions">Where it keeps schemas that others refer to.</param>
internal sealed record SchemaDialect(string Uri, string Definitions)
{
    /// <summary>OpenAPI 3.1's.</summary>
    public static SchemaDialect Draft2020 { get; } = new("https://json-schema.org/draft/2020-12/schema", "$defs");

    /// <summary>AsyncAPI 3.0's.</summary>
    public static SchemaDialect Draft7 { get; } = new("http://json-schema.org/draft-07/schema#", "definitions");
}
