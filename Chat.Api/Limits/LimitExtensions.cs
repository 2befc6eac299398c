using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Limits;

/// <summary>Answers 429 with <c>Retry-After</c> for a limit that is used up.</summary>
internal static class LimitExtensions
{
    /// <summary>Asks a limit before the endpoint does anything.</summary>
    /// <param name="limit">The limit's name in the metric.</param>
    /// <param name="take">Answers with how long to wait where there is too little left, else null.</param>
    public static RouteHandlerBuilder Limit(
        this RouteHandlerBuilder endpoint, string limit, UserText detail, Func<HttpContext, TimeSpan?> take) =>
        endpoint.AddEndpointFilter(async (invocation, next) =>
            take(invocation.HttpContext) is { } wait
                ? invocation.HttpContext.TooMany(limit, detail, wait)
                : await next(invocation));

    public static ProblemHttpResult TooMany(
        this HttpContext context, string limit, UserText detail, TimeSpan wait)
    {
        context.RequestServices.GetRequiredService<ApiMetrics>().Refused(limit);
        return Problem.Create(context, StatusCodes.Status429TooManyRequests, detail).WithRetryAfter(context, wait);
    }
}
