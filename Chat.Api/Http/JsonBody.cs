using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Http;

/// <summary>
/// Reads a request's JSON by hand, so that every mistake is reported: the framework's binding stops at the first one and names no
/// field.
/// </summary>
internal static class JsonBody
{
    /// <summary>What <c>errors</c> calls the body as a whole.</summary>
    public const string Root = "$";

    // What is stored is nested deeper in what is read back; a chat's content needs little of it.
    private const int MaxDepth = 16;
    private const int MaxDepthOfAnything = 64 * 1024;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };
    private static readonly JsonDocumentOptions Duplicates = Options with { AllowDuplicateProperties = true };
    private static readonly JsonDocumentOptions Deep = Duplicates with { MaxDepth = MaxDepthOfAnything };

    /// <summary>The body, or what to answer instead: 415, 413 or 400. The document is the caller's to dispose.</summary>
    public static async ValueTask<(JsonDocument? Body, ProblemHttpResult? Problem)> ReadAsync(HttpContext context, int maxBytes)
    {
        if (!IsJson(context.Request.ContentType))
        {
            return (null, Problem.UnsupportedMediaType(context));
        }
        if (await ReadBytesAsync(context.Request, maxBytes, context.RequestAborted) is not { } bytes)
        {
            return (null, Problem.Create(context, StatusCodes.Status413PayloadTooLarge, Root, UserTexts.BodyTooBig(maxBytes)));
        }
        return Parse(bytes, out var error) is { } document ? (document, null) : (null, Problem.BadRequest(context, Root, error!));
    }

    internal static JsonDocument? Parse(ReadOnlyMemory<byte> bytes, out UserText? error)
    {
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        error = bytes.IsEmpty ? UserTexts.EmptyBody : !Utf8.IsValid(bytes.Span) ? UserTexts.NotUtf8 : null;
        if (error is not null) return null;
        try
        {
            return JsonDocument.Parse(bytes, Options);
        }
        catch (JsonException exception)
        {
            error = Explain(bytes, exception);
            return null;
        }
    }

    // The exception says where, and only its text says what: what is valid JSON by wider rules broke one of ours.
    private static UserText Explain(ReadOnlyMemory<byte> bytes, JsonException exception) =>
        IsValid(bytes, Duplicates) ? UserTexts.DuplicateFields
        : IsValid(bytes, Deep) ? UserTexts.TooDeep(MaxDepth)
        : UserTexts.NotJson((exception.LineNumber ?? 0) + 1, (exception.BytePositionInLine ?? 0) + 1);

    private static bool IsValid(ReadOnlyMemory<byte> bytes, JsonDocumentOptions options)
    {
        try
        {
            JsonDocument.Parse(bytes, options).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue
            || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    private static async ValueTask<ReadOnlyMemory<byte>?> ReadBytesAsync(
        HttpRequest request, int maxBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBytes) return null;
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.Length > maxBytes)
            {
                reader.AdvanceTo(buffer.End);
                return null;
            }
            if (read.IsCompleted)
            {
                var bytes = buffer.ToArray();
                reader.AdvanceTo(buffer.End);
                return bytes;
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
