using System.Buffers;
using System.Text.Json;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Http;

/// <summary>
/// Reads a request's JSON by hand, so that every error is reported: the framework's binding stops at the first one and names no
/// field.
/// </summary>
internal static class JsonBody
{
    /// <summary>What <c>errors</c> calls the body as a whole.</summary>
    public const string Root = "$";

    // What is stored is nested deeper in what is read back; a chat's content needs little of it.
    private const int MaxDepth = 16;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    // Each item's reader has limits of its own. Not without any: what parsing costs rises with the square of the depth.
    private static readonly JsonDocumentOptions OptionsOfItems = new() { MaxDepth = 1024 };

    /// <summary>The body, or what to answer instead: 415, 413 or 400. The document is the caller's to dispose.</summary>
    /// <param name="itemByItem">
    /// For an array whose items are read one by one, each by <see cref="JsonGate"/>, so that a bad one refuses no other: only that the
    /// body is JSON is looked at here.
    /// </param>
    public static async ValueTask<(JsonDocument? Body, ProblemHttpResult? Problem)> ReadAsync(
        HttpContext context, int maxBytes, bool itemByItem = false)
    {
        if (RefusedForm.Of(context) is { } form) return (null, form);
        if (await ReadBytesAsync(context.Request, maxBytes, context.RequestAborted) is not { } bytes)
        {
            return (null, Problem.Create(context, StatusCodes.Status413PayloadTooLarge, Root, UserTexts.BodyTooBig(maxBytes)));
        }
        return Parse(bytes, out var fault, itemByItem) is { } document
            ? (document, null)
            : (null, Problem.BadRequest(context, fault!.Field ?? Root, TextOf(fault)));
    }

    internal static JsonDocument? Parse(ReadOnlyMemory<byte> bytes, out JsonFault? fault, bool itemByItem = false) =>
        JsonGate.Parse(bytes, int.MaxValue, itemByItem ? OptionsOfItems : Options, out fault, deferTexts: itemByItem);

    internal static UserText TextOf(JsonFault fault) => fault.Kind switch
    {
        JsonFaultKind.Empty => UserTexts.EmptyBody,
        JsonFaultKind.NotUtf8 => UserTexts.NotUtf8,
        JsonFaultKind.HalfSurrogate => UserTexts.HalfSurrogate,
        JsonFaultKind.TooDeep => UserTexts.TooDeep(MaxDepth),
        JsonFaultKind.DuplicateName => UserTexts.DuplicateFields,
        _ => UserTexts.NotJson(fault.Line, fault.Byte),
    };

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
