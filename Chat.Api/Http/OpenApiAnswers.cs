using System.Globalization;
using System.Text.Json.Nodes;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Chat.Api.Http;

/// <summary>
/// Completes the answers of the OpenAPI document: one schema for every problem, an example of each, and the headers that come with a
/// status code whichever endpoint answers.
/// </summary>
internal static class OpenApiAnswers
{
    private const string ProblemSchema = "Problem";

    // What the framework gives a problem as its type; 429 has none.
    private static readonly Dictionary<int, string> Types = new()
    {
        [400] = "https://tools.ietf.org/html/rfc9110#section-15.5.1",
        [401] = "https://tools.ietf.org/html/rfc9110#section-15.5.2",
        [403] = "https://tools.ietf.org/html/rfc9110#section-15.5.4",
        [404] = "https://tools.ietf.org/html/rfc9110#section-15.5.5",
        [408] = "https://tools.ietf.org/html/rfc9110#section-15.5.9",
        [409] = "https://tools.ietf.org/html/rfc9110#section-15.5.10",
        [413] = "https://tools.ietf.org/html/rfc9110#section-15.5.14",
        [415] = "https://tools.ietf.org/html/rfc9110#section-15.5.16",
        [422] = "https://tools.ietf.org/html/rfc4918#section-11.2",
        [426] = "https://tools.ietf.org/html/rfc9110#section-15.5.22",
        [500] = "https://tools.ietf.org/html/rfc9110#section-15.6.1",
        [501] = "https://tools.ietf.org/html/rfc9110#section-15.6.2",
        [503] = "https://tools.ietf.org/html/rfc9110#section-15.6.4",
    };

    private static readonly Dictionary<int, (string Description, UserText Detail, string? Field)> Problems = new()
    {
        [400] = ("Something can't be used: `errors` names each field.", UserTexts.NotAnId, "id"),
        [401] = ("No token, or one that is malformed, expired, revoked or signed by another key.", UserTexts.SendToken, null),
        [403] = ("Not for this token's user.", UserTexts.WatchOnly, null),
        [404] = ("There is no such address.", UserTexts.NoSuchMessageYet, null),
        [408] = ("The body did not come in time.", UserTexts.BodyTooSlow, null),
        [409] = ("Done already, or no longer possible.", UserTexts.DeadLetterIsBack, null),
        [413] = ("Larger than is taken, here or by the store. Sending it again is useless.", UserTexts.Refused, null),
        [415] = ("The body is not plain JSON in UTF-8: `errors` names the header.", UserTexts.SendJson, HeaderNames.ContentType),
        [422] = ("The idempotency key was used for another body.", UserTexts.ReusedKey, "Idempotency-Key"),
        [426] = ("The token is good and there is room: ask for the upgrade.", UserTexts.WebSocketOnly, null),
        [429] = ("Faster than the limits allow. Wait as Retry-After says.", UserTexts.TooManyReads, null),
        [500] = ("A defect. Nothing of it is told.", UserTexts.InternalError, null),
        [501] = ("Not configured here.", UserTexts.NoEncryptionKey, null),
        [503] = ("An engine, or the tokens' authority, does not answer. Try again.", UserTexts.Unavailable, null),
    };

    public static void Complete(OpenApiDocument document)
    {
        var schemas = document.Components!.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        schemas.Remove("ProblemDetails");
        schemas.Remove("HttpValidationProblemDetails");
        schemas[ProblemSchema] = ProblemDetails();
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations!.Values))
        {
            // Whatever runs may have a defect.
            (operation.Responses ??= []).TryAdd("500", new OpenApiResponse());
            foreach (var (code, answer) in operation.Responses)
            {
                if (answer is OpenApiResponse response) Complete(response, int.Parse(code, CultureInfo.InvariantCulture), document);
            }
            SetExamples(operation);
        }
    }

    /// <summary>Says that an answer has a header.</summary>
    /// <param name="required">Whether every answer of the status has it.</param>
    public static RouteHandlerBuilder WithAnswerHeader(
        this RouteHandlerBuilder endpoint, int status, string name, string description, string example, bool required = true) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?.GetValueOrDefault(status.ToString(CultureInfo.InvariantCulture)) is OpenApiResponse response)
                response.AddHeader(name, description, example, required);
            return Task.CompletedTask;
        });

    /// <summary>Says what an answer means here, where it means something else elsewhere.</summary>
    public static RouteHandlerBuilder WithAnswer(this RouteHandlerBuilder endpoint, int status, string description) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            if (operation.Responses?.GetValueOrDefault(status.ToString(CultureInfo.InvariantCulture)) is OpenApiResponse response)
                response.Description = description;
            return Task.CompletedTask;
        });

    /// <param name="required">Whether every answer of the status has it.</param>
    public static OpenApiResponse AddHeader(
        this OpenApiResponse response, string name, string description, string example, bool required)
    {
        (response.Headers ??= new Dictionary<string, IOpenApiHeader>())[name] = new OpenApiHeader
        {
            Description = description,
            Required = required,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Example = example,
        };
        return response;
    }

    private static void Complete(OpenApiResponse response, int status, OpenApiDocument document)
    {
        // Health answers 503 with a text.
        var isOther = response.Content is { Count: > 0 } content && !content.ContainsKey(Problem.ContentType);
        if (isOther || !Problems.TryGetValue(status, out var problem)) return;
        if (response.Description is null || response.Description == UserTexts.Title(status).English)
            response.Description = problem.Description;
        response.Content = new Dictionary<string, OpenApiMediaType>
        {
            [Problem.ContentType] = new()
            {
                Schema = new OpenApiSchemaReference(ProblemSchema, document),
                Example = ExampleOf(status, problem.Detail, problem.Field),
            },
        };
        response.AddHeader(HeaderNames.ContentLanguage, "Of the texts: en or pt-BR.", "en", required: true);
        switch (status)
        {
            case 401:
                response.AddHeader(HeaderNames.WWWAuthenticate, "As RFC 6750 has it.", "Bearer error=\"invalid_token\"", required: true);
                break;
            case 415:
                response.AddHeader(
                    HeaderNames.AcceptEncoding, "Where Content-Encoding was the reason: what is taken.", "identity", required: false);
                break;
            case 426:
                response.AddHeader(HeaderNames.Upgrade, "What to ask for.", "websocket", required: true);
                response.AddHeader(HeaderNames.SecWebSocketVersion, "The version that is spoken.", "13", required: true);
                break;
            case 429 or 503:
                response.AddHeader(HeaderNames.RetryAfter, "Seconds to wait, at least 1.", "1", required: true);
                break;
        }
    }

    private static void SetExamples(OpenApiOperation operation)
    {
        if (operation.OperationId is not { } id) return;
        if (OpenApiExamples.RequestOf(id) is { } request)
        {
            foreach (var media in operation.RequestBody?.Content?.Values ?? []) media.Example = request;
        }
        foreach (var (code, answer) in operation.Responses!)
        {
            if (OpenApiExamples.AnswerOf(id, code) is not { } example) continue;
            foreach (var media in answer.Content?.Values ?? []) media.Example = example;
        }
    }

    private static JsonObject ExampleOf(int status, UserText detail, string? field)
    {
        var problem = new JsonObject();
        if (Types.TryGetValue(status, out var type)) problem["type"] = type;
        problem["title"] = UserTexts.Title(status).English;
        problem["status"] = status;
        problem["detail"] = field is null ? detail.English : $"{field}: {detail.English}";
        if (field is not null) problem["errors"] = new JsonObject { [field] = new JsonArray(detail.English) };
        return problem;
    }

    private static OpenApiSchema ProblemDetails() => new()
    {
        Description = "RFC 9457: the title says what the status code does, detail what to do. The texts are in the client's language.",
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "title", "status" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "By the status code; missing, it is about:blank.",
                Enum = [.. Types.Values.Append(MethodNotAllowed).Select(type => JsonValue.Create(type))],
            },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "400", Maximum = "599" },
            ["detail"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What is wrong, by field, by the request's own names; $ is the body as a whole.",
                AdditionalProperties = new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    MinItems = 1,
                    Items = new OpenApiSchema { Type = JsonSchemaType.String },
                },
            },
            ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "To be told to who runs the API." },
        },
    };

    private const string MethodNotAllowed = "https://tools.ietf.org/html/rfc9110#section-15.5.6";
}
