using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Chat.Api.Problems;

/// <summary>Problem details (RFC 9457): <c>detail</c> says what to do, <c>errors</c> names each field that is wrong.</summary>
internal static class Problem
{
    public const string ContentType = "application/problem+json";

    private const string SendJson = "send application/json in UTF-8.";

    public static ProblemHttpResult Create(int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status, title: ReasonPhrases.GetReasonPhrase(status));

    /// <summary>A problem that one field makes.</summary>
    public static ProblemHttpResult Create(int status, string field, string error) =>
        Create(status, new FieldErrors { { field, error } });

    public static ProblemHttpResult Create(int status, FieldErrors errors) =>
        TypedResults.Problem(new HttpValidationProblemDetails(errors.ToDictionary())
        {
            Status = status,
            Title = ReasonPhrases.GetReasonPhrase(status),
            Detail = errors.Summary,
        });

    public static ProblemHttpResult BadRequest(string field, string error) => Create(StatusCodes.Status400BadRequest, field, error);

    public static ProblemHttpResult BadRequest(FieldErrors errors) => Create(StatusCodes.Status400BadRequest, errors);

    public static ProblemHttpResult Forbidden(string field, string error) => Create(StatusCodes.Status403Forbidden, field, error);

    public static ProblemHttpResult UnsupportedMediaType() =>
        Create(StatusCodes.Status415UnsupportedMediaType, HeaderNames.ContentType, SendJson);

    /// <summary>Says of the framework's own problems what it leaves out: routing refuses a content type without a word.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        if (problem is not { Status: StatusCodes.Status415UnsupportedMediaType, Detail: null }) return;
        var errors = new FieldErrors { { HeaderNames.ContentType, SendJson } };
        problem.Detail = errors.Summary;
        problem.Extensions["errors"] = errors.ToDictionary();
    }

    /// <summary>Says when to try again, in whole seconds, at least one.</summary>
    public static ProblemHttpResult WithRetryAfter(this ProblemHttpResult result, HttpContext context, TimeSpan wait)
    {
        context.Response.Headers[HeaderNames.RetryAfter] =
            Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return result;
    }
}
