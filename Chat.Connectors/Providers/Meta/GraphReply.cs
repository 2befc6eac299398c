using System.Net;
using System.Text.Json;

namespace Chat.Connectors.Providers.Meta;

/// <summary>What came of a request to a Graph API.</summary>
internal abstract record GraphReply
{
    /// <summary>An answer with a body that is a JSON object, and no <c>error</c> in it.</summary>
    public sealed record Success(JsonElement Body) : GraphReply;

    /// <summary>Graph's error, whatever the status line said: a 200 may hold one too.</summary>
    public sealed record Failure(GraphError Error) : GraphReply;

    /// <summary>An answer without anything of Graph's: a proxy's page, or nothing.</summary>
    /// <param name="RetryAfter">When it asks to be asked again.</param>
    public sealed record Foreign(HttpStatusCode Status, TimeSpan? RetryAfter) : GraphReply;

    /// <summary>The connection was never made: nothing was sent.</summary>
    /// <param name="Why">No text of anybody else's.</param>
    public sealed record NotSent(string Why) : GraphReply;

    /// <summary>The request went out, or part of it, and no answer came: the provider may have done what it asks for.</summary>
    /// <param name="Why">No text of anybody else's.</param>
    public sealed record NoAnswer(string Why) : GraphReply;
}

/// <summary>An error of Graph's.</summary>
/// <param name="Details">What the provider says of it, for people; null where it says nothing.</param>
/// <param name="IsTransient">As the error says by itself; null where it doesn't.</param>
/// <param name="RetryAfter">The header; null where there is none.</param>
internal sealed record GraphError(
    HttpStatusCode Status, int Code, int? Subcode, string? Details, bool? IsTransient, TimeSpan? RetryAfter)
{
    /// <summary>The <c>error</c> of a body; null where it has none. Never throws: any member may be missing or of another type.</summary>
    public static GraphError? TryRead(JsonElement body, HttpStatusCode status, TimeSpan? retryAfter)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("error", out var error)) return null;
        if (error.ValueKind is JsonValueKind.Null or JsonValueKind.False) return null;
        if (error.ValueKind != JsonValueKind.Object) return new(status, -1, null, TextOf(error), null, retryAfter);
        return new(
            status,
            Number(error, "code") ?? -1,
            Number(error, "error_subcode"),
            DetailsOf(error) ?? Text(error, "error_user_msg") ?? Text(error, "message"),
            error.TryGetProperty("is_transient", out var transient) && transient.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? transient.GetBoolean()
                : null,
            retryAfter);
    }

    // An object with details, or the details alone.
    private static string? DetailsOf(JsonElement error) =>
        !error.TryGetProperty("error_data", out var data) ? null
        : data.ValueKind == JsonValueKind.Object ? Text(data, "details")
        : TextOf(data);

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) ? TextOf(value) : null;

    private static string? TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static int? Number(JsonElement parent, string name) =>
        !parent.TryGetProperty(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number ? (value.TryGetInt32(out var number) ? number : null)
        : value.ValueKind == JsonValueKind.String && int.TryParse(value.GetString(), out var parsed) ? parsed
        : null;
}
