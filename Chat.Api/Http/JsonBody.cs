using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Chat.Api.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Http;

/// <summary>
/// Reads a request's JSON by hand, so that every mistake is told: the framework's binding stops at the first one and names no
/// field.
/// </summary>
internal static partial class JsonBody
{
    /// <summary>What <c>errors</c> calls the body as a whole.</summary>
    public const string Root = "$";

    // What is stored is nested deeper in what is read back; a chat's content needs little of it.
    private const int MaxDepth = 16;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>The body, or what to answer instead: 415, 413 or 400. The document is the caller's to dispose.</summary>
    public static async ValueTask<(JsonDocument? Body, ProblemHttpResult? Problem)> ReadAsync(HttpContext context, int maxBytes)
    {
        if (!IsJson(context.Request.ContentType))
        {
            return (null, Problem.UnsupportedMediaType());
        }
        if (await ReadBytesAsync(context.Request, maxBytes, context.RequestAborted) is not { } bytes)
        {
            return (null, Problem.Create(StatusCodes.Status413PayloadTooLarge, Root, $"the body may have {maxBytes} bytes at most."));
        }
        return Parse(bytes, out var error) is { } document ? (document, null) : (null, Problem.BadRequest(Root, error));
    }

    internal static JsonDocument? Parse(ReadOnlyMemory<byte> bytes, out string error)
    {
        error = "";
        if (bytes.Span.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        if (bytes.IsEmpty) error = "the body is empty; send a JSON object.";
        else if (!Utf8.IsValid(bytes.Span)) error = "the body is not valid UTF-8.";
        if (error.Length > 0) return null;
        try
        {
            return JsonDocument.Parse(bytes, Options);
        }
        catch (JsonException exception)
        {
            var what = Position().Replace(exception.Message, "");
            error = $"not valid JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: {what}";
            return null;
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

    // The exception's message ends with its place, counted from zero.
    [GeneratedRegex(@"\s*(Path: .*?\| )?LineNumber: .*$")]
    private static partial Regex Position();
}
