using Chat.Api.Hub.Sockets;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Chat.Api.Http;

/// <summary>
/// What the API answers beside <c>/v1</c>, of which the framework describes nothing: the socket's address, health, metrics.
/// </summary>
internal static class OpenApiOtherPaths
{
    /// <summary>The security scheme of a token in the query.</summary>
    public const string QueryScheme = "accessToken";

    private const string Socket = "WebSocket";
    private const string MetricsExample = "# TYPE chat_sockets gauge\nchat_sockets 3\n# EOF\n";
    private const string Health = "Health and metrics";

    public static void AddTo(OpenApiDocument document, string bearer)
    {
        var socket = Get("OpenSocket", Socket, "The WebSocket: statuses as they come.", new()
        {
            ["101"] = new OpenApiResponse { Description = "The socket is open; the first frame is `connected`." }
                .AddHeader(HeaderNames.Upgrade, "The protocol.", "websocket", required: true)
                .AddHeader(HeaderNames.SecWebSocketAccept, "RFC 6455.", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", required: true)
                .AddHeader(HeaderNames.SecWebSocketProtocol, "Where the client offered it.", SocketEndpoint.Protocol, required: false),
            ["401"] = new OpenApiResponse(),
            ["403"] = new OpenApiResponse { Description = "A web page of another origin." },
            ["426"] = new OpenApiResponse(),
            ["429"] = new OpenApiResponse(),
            ["503"] = new OpenApiResponse(),
        });
        socket.Description =
            "Its frames and close codes are in the AsyncAPI document. The token is a header, or for browsers a subprotocol "
            + "`bearer.<token>` beside `chat.v1`, or `access_token` in the query. A browser doesn't tell a page why an upgrade failed: the "
            + "same address asked without one gives the same answer, and 426 where all is well. 403 is a web page's of another origin.";
        socket.Parameters =
        [
            new OpenApiParameter
            {
                Name = HeaderNames.SecWebSocketProtocol,
                In = ParameterLocation.Header,
                Description = "`chat.v1`, and the token as `bearer.<token>`.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = $"{SocketEndpoint.Protocol}, bearer.<token>",
            },
        ];
        socket.Security =
        [
            new() { [new OpenApiSecuritySchemeReference(bearer, document)] = [] },
            new() { [new OpenApiSecuritySchemeReference(QueryScheme, document)] = [] },
        ];
        Add(document, SocketEndpoint.Path, socket);
        Add(document, "/health", Get("Health", Health, "Whether this instance and what it depends on work.", new()
        {
            ["200"] = Text("Healthy, or Degraded with a line for each check that says why.", "Healthy"),
            ["503"] = Text("Unhealthy, with a line for each check that says why.", "Unhealthy\nlog: no answer"),
        }));
        Add(document, "/alive", Get("Alive", Health, "Whether the process works; of what it depends on it says nothing.", new()
        {
            ["200"] = Text("It does.", "Healthy"),
        }));
        Add(document, "/metrics", Get("Metrics", Health, "Metrics, in Prometheus' text format.", new()
        {
            ["200"] = Text("The metrics.", MetricsExample, "text/plain", "application/openmetrics-text"),
            ["404"] = new OpenApiResponse
            {
                Description = "Outside Development, to who is neither on this machine nor in `Metrics:Allow`.",
            },
        }));
    }

    private static OpenApiOperation Get(string id, string tag, string summary, OpenApiResponses responses) => new()
    {
        OperationId = id,
        Summary = summary,
        Tags = new HashSet<OpenApiTagReference> { new(tag) },
        Responses = responses,
    };

    private static OpenApiResponse Text(string description, string example) => Text(description, example, "text/plain");

    private static OpenApiResponse Text(string description, string example, params string[] types) => new()
    {
        Description = description,
        Content = types.ToDictionary(
            type => type,
            _ => new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String }, Example = example }),
    };

    private static void Add(OpenApiDocument document, string path, OpenApiOperation get) =>
        document.Paths.Add(path, new OpenApiPathItem { Operations = new() { [HttpMethod.Get] = get } });
}
