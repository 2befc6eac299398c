using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Problems;

/// <summary>Turns what a request threw into problem details; nothing of an exception goes to the client.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            UnavailableException => Unavailable(httpContext, exception),
            BadHttpRequestException bad => Problem.Create(bad.StatusCode, bad.Message),
            _ => Unexpected(httpContext, exception),
        };
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    private ProblemHttpResult Unavailable(HttpContext context, Exception exception)
    {
        LogUnavailable(context.Request.Method, context.Request.Path, exception.InnerException);
        return Problem
            .Create(StatusCodes.Status503ServiceUnavailable, "A part that this API needs does not answer. Try again later.")
            .WithRetryAfter(context, RetryAfter);
    }

    private ProblemHttpResult Unexpected(HttpContext context, Exception exception)
    {
        LogUnexpected(context.Request.Method, context.Request.Path, exception);
        return Problem.Create(StatusCodes.Status500InternalServerError, "A mistake of this API's own; its log has more.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path}: an engine does not answer")]
    private partial void LogUnavailable(string method, PathString path, Exception? exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path}: unexpected failure")]
    private partial void LogUnexpected(string method, PathString path, Exception exception);
}
