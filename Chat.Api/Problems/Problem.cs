using System.Globalization;
using Chat.Api.Texts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Problems;

/// <summary>
/// Problem details (RFC 9457) in the client's language: <c>detail</c> says what to do, <c>errors</c> names each field that is
/// wrong.
/// </summary>
internal static class Problem
{
    public const string ContentType = "application/problem+json";

    public static ProblemHttpResult Create(HttpContext context, int status, UserText detail)
    {
        var language = Announce(context);
        return TypedResults.Problem(detail.In(language), statusCode: status, title: UserTexts.Title(status).In(language));
    }

    /// <summary>A problem that one field makes.</summary>
    public static ProblemHttpResult Create(HttpContext context, int status, string field, UserText error) =>
        Create(context, status, new FieldErrors { { field, error } });

    public static ProblemHttpResult Create(HttpContext context, int status, FieldErrors errors)
    {
        var language = Announce(context);
        return TypedResults.Problem(new HttpValidationProblemDetails(errors.ToDictionary(language))
        {
            Status = status,
            Title = UserTexts.Title(status).In(language),
            Detail = errors.Summary(language),
        });
    }

    public static ProblemHttpResult BadRequest(HttpContext context, string field, UserText error) =>
        Create(context, StatusCodes.Status400BadRequest, field, error);

    public static ProblemHttpResult BadRequest(HttpContext context, FieldErrors errors) =>
        Create(context, StatusCodes.Status400BadRequest, errors);

    public static ProblemHttpResult Forbidden(HttpContext context, string field, UserText error) =>
        Create(context, StatusCodes.Status403Forbidden, field, error);

    /// <summary>
    /// Completes the framework's own problems: their title in the client's language, and what a refused content type should have
    /// been, of which routing says nothing.
    /// </summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        var language = Announce(context.HttpContext);
        if (problem.Status is { } status) problem.Title = UserTexts.Title(status).In(language);
        if (problem is not { Status: StatusCodes.Status415UnsupportedMediaType, Detail: null }) return;
        var errors = new FieldErrors { { HeaderNames.ContentType, UserTexts.SendJson } };
        problem.Detail = errors.Summary(language);
        problem.Extensions["errors"] = errors.ToDictionary(language);
    }

    /// <summary>Says when to try again, in whole seconds, at least one.</summary>
    public static ProblemHttpResult WithRetryAfter(this ProblemHttpResult result, HttpContext context, TimeSpan wait)
    {
        context.Response.Headers[HeaderNames.RetryAfter] =
            Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return result;
    }

    private static Language Announce(HttpContext context)
    {
        var language = context.Language();
        context.Response.Headers.ContentLanguage = language.Tag();
        return language;
    }
}
