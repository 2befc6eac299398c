using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Chat.Tests.Repository;
using Json.Schema;
using Xunit.Sdk;

namespace Chat.Tests.Described;

/// <summary><c>docs/openapi.json</c>, which is what the API serves at <c>/openapi/v1.json</c>, as what answers are held against.</summary>
internal sealed class OpenApiDescription
{
    public const string File = "docs/openapi.json";

    // What belongs to HTTP, to CORS, or to the framework's caching of errors.
    private static readonly string[] Undescribed =
    [
        "Date", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Vary", "Cache-Control", "Pragma", "Expires",
        "Last-Modified", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
    ];

    private static readonly Lazy<OpenApiDescription> Loaded = new(() => new(JsonNode.Parse(
        System.IO.File.ReadAllText(SourceFiles.PathOf(File)))!.AsObject()));

    private readonly SchemaSet _schemas;
    private readonly ConcurrentDictionary<(string Key, string Type), JsonSchema?> _answers = new();

    public OpenApiDescription(JsonObject document)
    {
        Document = document;
        _schemas = new(document["components"]!["schemas"]!.AsObject(), SchemaDialect.Draft2020);
        Operations =
        [
            .. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => new Operation(
                method.Key.ToUpperInvariant(),
                path.Key,
                new($"^{Regex.Replace(path.Key, @"\{[^}]+\}", "[^/]+")}$", RegexOptions.CultureInvariant),
                method.Value!.AsObject()))),
        ];
    }

    public static OpenApiDescription Current => Loaded.Value;

    public JsonObject Document { get; }

    public IReadOnlyList<Operation> Operations { get; }

    /// <summary>Every documented answer, as <c>GetMessage 404</c>.</summary>
    public IEnumerable<string> Answers => Operations.SelectMany(o => o.Responses.Select(r => $"{o.Id} {r.Key}"));

    /// <summary>Examples of requests and answers with their schemas.</summary>
    public IEnumerable<(string What, JsonNode Example, JsonSchema Schema)> Examples =>
        from operation in Operations
        from body in operation.Responses.Select(r => (What: $"{operation.Id} {r.Key}", Body: r.Value!))
            .Concat(operation.Json["requestBody"] is { } request ? [(What: $"{operation.Id} request", Body: request)] : [])
        from media in body.Body["content"]?.AsObject() ?? []
        where media.Value!["example"] is not null
        select (body.What, media.Value!["example"]!, _schemas.Read(media.Value!["schema"]!, isStrict: true));

    /// <summary>Media types without an example.</summary>
    public IEnumerable<string> WithoutExample =>
        from operation in Operations
        from body in operation.Responses.Select(r => (What: $"{operation.Id} {r.Key}", Body: r.Value!))
            .Concat(operation.Json["requestBody"] is { } request ? [(What: $"{operation.Id} request", Body: request)] : [])
        from media in body.Body["content"]?.AsObject() ?? []
        where media.Value!["example"] is null
        select $"{body.What} {media.Key}";

    /// <summary>Which operation a request is of; null where it is none's.</summary>
    public Operation? Find(string method, string path) => Operations.FirstOrDefault(o => o.Method == method && o.Path.IsMatch(path));

    /// <summary>That a request's answer is documented, with its headers and its body; of what is no operation's nothing is said.</summary>
    public void Check(HttpMethod method, string path, HttpStatusCode status, ILookup<string, string> headers, string? type, string body)
    {
        var code = ((int)status).ToString(CultureInfo.InvariantCulture);
        if (Find(method.Method, path) is not { } operation)
        {
            if (path.StartsWith("/v1/", StringComparison.Ordinal))
                Assert.True(status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NoContent,
                    $"{method} {path} answers {code} and is not in {File}");
            return;
        }
        var key = $"{operation.Id} {code}";
        // A setting may leave an operation out: routing's 404 says no more than that there is no such address.
        if (status == HttpStatusCode.NotFound && !body.Contains("\"detail\"", StringComparison.Ordinal)
            && operation.Responses[code] is null) return;
        if (operation.Responses[code] is not { } answer) throw Wrong(key, "no such answer is documented", body);
        CheckHeaders(key, answer["headers"]?.AsObject() ?? [], headers);
        var content = answer["content"]?.AsObject() ?? [];
        if (type is null && body.Length == 0 && content.Count == 0 || status == HttpStatusCode.SwitchingProtocols)
        {
            Seen.Note(key);
            return;
        }
        if (content.Count > 0 && type is not null && content[type] is null) throw Wrong(key, $"{type} is not documented", body);
        if (SchemaOf(key, type ?? "", content) is { } schema && SchemaSet.Check(schema, JsonElement.Parse(body)) is { } error)
            throw Wrong(key, error, body);
        Seen.Note(key);
    }

    private JsonSchema? SchemaOf(string key, string type, JsonObject content) => _answers.GetOrAdd(
        (key, type),
        _ => type.EndsWith("json", StringComparison.Ordinal) && content[type]?["schema"] is { } schema
            ? _schemas.Read(schema, isStrict: true)
            : null);

    private static void CheckHeaders(string key, JsonObject documented, ILookup<string, string> headers)
    {
        foreach (var (name, header) in documented)
        {
            if (header!["required"]?.GetValue<bool>() is true && !headers.Contains(name)) throw Wrong(key, $"has no {name}", "");
        }
        foreach (var header in headers.Select(h => h.Key))
        {
            var isKnown = documented.Any(d => d.Key.Equals(header, StringComparison.OrdinalIgnoreCase))
                || Undescribed.Contains(header, StringComparer.OrdinalIgnoreCase);
            if (!isKnown) throw Wrong(key, $"the header {header} is not documented", "");
        }
    }

    private static XunitException Wrong(string key, string what, string body) =>
        new($"{key} is not as {File} has it: {what}\n{body}");

    /// <param name="Template">Its path, with the names of its parameters.</param>
    internal sealed record Operation(string Method, string Template, Regex Path, JsonObject Json)
    {
        public string Id => Json["operationId"]!.GetValue<string>();

        public JsonObject Responses => Json["responses"]!.AsObject();
    }
}
