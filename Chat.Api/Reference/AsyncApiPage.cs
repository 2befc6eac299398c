using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Chat.Api.Reference;

/// <summary>The AsyncAPI document as a page to read: no script, and nothing that is loaded from elsewhere.</summary>
internal sealed class AsyncApiPage
{
    /// <summary>The page's style, which its Content-Security-Policy names by its hash.</summary>
    public const string Style =
        """
        :root{color-scheme:light dark}
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
        code,pre{font-family:ui-monospace,monospace;font-size:.875rem}
        pre{padding:.75rem;overflow-x:auto;border:1px solid #8886;border-radius:.25rem}
        table{border-collapse:collapse;width:100%}
        th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #8886}
        h2{margin-top:2.5rem;border-bottom:2px solid #8886}
        h3{margin-top:2rem}
        nav ul{columns:2}
        """;

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly JsonObject _document;
    private readonly StringBuilder _html = new();

    private AsyncApiPage(JsonObject document) => _document = document;

    public static string Render(JsonObject document) => new AsyncApiPage(document).Render();

    private string Render()
    {
        var info = _document["info"]!;
        var title = $"{info["title"]} {info["version"]}: events";
        _html.Append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
            .Append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
            .Append($"<title>{Text(title)}</title><style>{Style}</style></head><body><h1>{Text(title)}</h1>")
            .Append($"<p>{Prose(info["description"])}</p>")
            .Append("<p><a href=\"/asyncapi/v1.yaml\">AsyncAPI 3.0 document</a> · <a href=\"/reference\">REST reference</a></p><nav><ul>");
        var channels = _document["channels"]!.AsObject();
        foreach (var (id, channel) in channels)
            _html.Append($"<li><a href=\"#{Text(id)}\">{Text(channel!["title"])}</a> <code>{Text(channel["address"])}</code></li>");
        _html.Append("</ul></nav>");
        foreach (var (id, channel) in channels) AddChannel(id, channel!);
        return _html.Append("</body></html>").ToString();
    }

    private void AddChannel(string id, JsonNode channel)
    {
        _html.Append($"<h2 id=\"{Text(id)}\">{Text(channel["title"])}</h2><p><code>{Text(channel["address"])}</code> on ")
            .AppendJoin(", ", channel["servers"]!.AsArray().Select(s => Text(_document.Resolve(s)!["protocol"])))
            .Append($"</p><p>{Prose(channel["description"])}</p>");
        foreach (var (name, parameter) in channel["parameters"]?.AsObject() ?? [])
            _html.Append($"<p><code>{{{Text(name)}}}</code>: {Prose(parameter!["description"])}</p>");
        if (channel["x-close-codes"] is JsonArray codes) AddCloseCodes(codes);
        foreach (var (name, message) in channel["messages"]!.AsObject()) AddMessage(id, name, _document.Resolve(message)!);
    }

    private void AddCloseCodes(JsonArray codes)
    {
        _html.Append("<h3>Close codes</h3><table><thead><tr><th>code</th><th>come back</th><th>why</th></tr></thead><tbody>");
        foreach (var code in codes)
        {
            var back = code!["reconnect"]!.GetValue<bool>() ? "yes" : "no";
            _html.Append($"<tr><td><code>{Text(code["code"])}</code></td><td>{back}</td><td>{Prose(code["reason"])}</td></tr>");
        }
        _html.Append("</tbody></table>");
    }

    private void AddMessage(string channel, string id, JsonNode message)
    {
        _html.Append($"<h3 id=\"{Text(channel)}-{Text(id)}\">{Text(message["title"])}</h3>");
        foreach (var operation in OperationsOf(channel, id)) _html.Append($"<p>{Prose(operation["summary"])}</p>");
        if (message["summary"] is { } summary) _html.Append($"<p>{Prose(summary)}</p>");
        foreach (var (protocol, binding) in message["bindings"]?.AsObject() ?? [])
            if (binding!["key"] is { } key) _html.Append($"<p>Key ({Text(protocol)}): {Prose(key["description"])}</p>");
        AddSchema("Headers", message["headers"]);
        AddSchema("Payload", message["payload"]);
        foreach (var example in message["examples"]?.AsArray() ?? [])
            _html.Append($"<pre>{Text((example!["payload"] ?? example["headers"])!.ToJsonString(Indented))}</pre>");
    }

    private IEnumerable<JsonNode> OperationsOf(string channel, string message) => _document["operations"]!.AsObject()
        .Select(o => o.Value!)
        .Where(o => o["channel"]!["$ref"]!.GetValue<string>() == $"#/channels/{channel}")
        .Where(o => o["messages"] is not JsonArray some
            || some.Any(m => m!["$ref"]!.GetValue<string>() == $"#/channels/{channel}/messages/{message}"));

    private void AddSchema(string what, JsonNode? schema)
    {
        if (_document.Resolve(schema) is not JsonObject { Count: > 0 } resolved) return;
        if (resolved["properties"] is not JsonObject members)
        {
            _html.Append($"<p>{what}: {Text(TypeOf(resolved))}. {Prose(resolved["description"])}</p>");
            return;
        }
        if (members.Count == 0) return;
        var required = resolved["required"]?.AsArray().Select(r => r!.GetValue<string>()).ToHashSet() ?? [];
        _html.Append($"<table><thead><tr><th>{what}</th><th>type</th><th></th><th></th></tr></thead><tbody>");
        AddMembers("", members, required);
        _html.Append("</tbody></table>");
    }

    private void AddMembers(string prefix, JsonObject members, HashSet<string> required)
    {
        foreach (var (name, declared) in members)
        {
            // A member that must not be there.
            if (_document.Resolve(declared) is not JsonObject member) continue;
            var must = required.Contains(name) ? "required" : "";
            _html.Append($"<tr><td><code>{Text(prefix + name)}</code></td><td>{Text(TypeOf(member))}</td><td>{must}</td>")
                .Append($"<td>{Prose(member["description"])}</td></tr>");
            if (member["properties"] is JsonObject inner)
                AddMembers($"{prefix}{name}.", inner, member["required"]?.AsArray().Select(r => r!.GetValue<string>()).ToHashSet() ?? []);
        }
    }

    private static string TypeOf(JsonObject schema) =>
        schema["const"] is { } value ? value.ToJsonString(Indented)
        : schema["enum"] is JsonArray values ? string.Join(", ", values)
        : schema["format"] is { } format ? $"{schema["type"]} ({format})"
        : schema["type"] is JsonArray types ? string.Join(" or ", types)
        : schema["type"]?.ToString() ?? "";

    /// <summary>A sentence, in which code is between backquotes.</summary>
    private static string Prose(JsonNode? node) => string.Concat(
        (node?.ToString() ?? "").Split('`').Select((part, i) => i % 2 == 0 ? Text(part) : $"<code>{Text(part)}</code>"));

    private static string Text(JsonNode? node) => Text(node?.ToString());

    private static string Text(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}
