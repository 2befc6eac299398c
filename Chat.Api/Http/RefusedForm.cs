using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Http;

/// <summary>415 for a body in a form that isn't read here, by the header that says so: plain JSON in UTF-8 is all there is.</summary>
internal static class RefusedForm
{
    private const string Identity = "identity";

    public static ProblemHttpResult? Of(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.ContentEncoding.ToString() is { Length: > 0 } encoding
            && !encoding.Trim().Equals(Identity, StringComparison.OrdinalIgnoreCase))
        {
            // What would be taken (RFC 9110, section 15.5.16).
            context.Response.Headers.AcceptEncoding = Identity;
            return Refuse(context, HeaderNames.ContentEncoding, UserTexts.NoSuchEncoding(Printable.Line(encoding)));
        }
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || !IsJson(type))
            return Refuse(context, HeaderNames.ContentType, UserTexts.SendJson);
        return IsUtf8(type) ? null : Refuse(context, HeaderNames.ContentType, UserTexts.NotThisCharset(Printable.Line(type.Charset.Value)));
    }

    private static bool IsJson(MediaTypeHeaderValue type) =>
        type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    // As it is registered, and as it is often written.
    private static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue
        || HeaderUtilities.RemoveQuotes(type.Charset) is var charset
            && (charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase));

    private static ProblemHttpResult Refuse(HttpContext context, string header, UserText text) =>
        Problem.Create(context, StatusCodes.Status415UnsupportedMediaType, header, text);
}
