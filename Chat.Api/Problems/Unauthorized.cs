using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Problems;

/// <summary>401, as RFC 6750 has it for bearer tokens.</summary>
internal static class Unauthorized
{
    /// <param name="error">RFC 6750's error code; null where the request carried no credential at all.</param>
    public static Task Write(HttpContext context, string detail, string? error) =>
        Result(context, detail, error).ExecuteAsync(context);

    public static ProblemHttpResult Result(HttpContext context, string detail, string? error)
    {
        context.Response.Headers[HeaderNames.WWWAuthenticate] =
            error is null ? "Bearer" : $"Bearer error=\"{error}\", error_description=\"{detail}\"";
        return Problem.Create(StatusCodes.Status401Unauthorized, detail);
    }
}
