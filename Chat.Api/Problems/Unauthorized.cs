using Chat.Api.Texts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Problems;

/// <summary>401, as RFC 6750 has it for bearer tokens.</summary>
internal static class Unauthorized
{
    /// <param name="error">RFC 6750's error code; null where the request carried no credential at all.</param>
    public static Task WriteAsync(HttpContext context, UserText detail, string? error) =>
        Create(context, detail, error).ExecuteAsync(context);

    /// <inheritdoc cref="WriteAsync"/>
    public static ProblemHttpResult Create(HttpContext context, UserText detail, string? error)
    {
        // In English whatever the client asks for: RFC 6750 allows nothing but ASCII in a description.
        context.Response.Headers[HeaderNames.WWWAuthenticate] =
            error is null ? "Bearer" : $"Bearer error=\"{error}\", error_description=\"{detail.English}\"";
        return Problem.Create(context, StatusCodes.Status401Unauthorized, detail);
    }
}
