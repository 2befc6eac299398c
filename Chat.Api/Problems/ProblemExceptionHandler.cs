using Chat.Api.Texts;
using Chat.Core.Engines;
using Chat.Core.Text;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Problems;

/// <summary>Turns what a request threw into problem details; nothing of an exception goes to the client.</summary>
internal sealed partial class ProblemExceptionHandler(ILogger<ProblemExceptionHandler> logger) : IExceptionHandler
{
    private const int LongestPath = 200;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            UnavailableException => Unavailable(httpContext, exception),
            EngineRefusedException => Refused(httpContext, exception),
            BadHttpRequestException bad => Problem.Create(httpContext, bad.StatusCode, UserTexts.UnreadableRequest(bad.Message)),
            _ => Unexpected(httpContext, exception),
        };
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    private ProblemHttpResult Unavailable(HttpContext context, Exception exception)
    {
        LogUnavailable(context.Request.Method, PathOf(context), exception.InnerException);
        return Problem
            .Create(context, StatusCodes.Status503ServiceUnavailable, UserTexts.Unavailable)
            .WithRetryAfter(context, RetryAfter);
    }

    private ProblemHttpResult Refused(HttpContext context, Exception exception)
    {
        LogRefused(context.Request.Method, PathOf(context), exception.Message);
        return Problem.Create(context, StatusCodes.Status413PayloadTooLarge, UserTexts.Refused);
    }

    private ProblemHttpResult Unexpected(HttpContext context, Exception exception)
    {
        LogFailed(context.Request.Method, PathOf(context), exception);
        return Problem.Create(context, StatusCodes.Status500InternalServerError, UserTexts.InternalError);
    }

    // It is decoded: %1B is ESC.
    private static string PathOf(HttpContext context) => Printable.Line(context.Request.Path, LongestPath);

    [LoggerMessage(
        EventId = LogEvents.EngineUnavailable, Level = LogLevel.Warning, Message = "{Method} {Path}: an engine does not answer")]
    private partial void LogUnavailable(string method, string path, Exception? exception);

    [LoggerMessage(
        EventId = LogEvents.EngineRefused, Level = LogLevel.Warning, Message = "{Method} {Path}: an engine refuses it: {Reason}")]
    private partial void LogRefused(string method, string path, string reason);

    [LoggerMessage(
        EventId = LogEvents.RequestFailed, Level = LogLevel.Error, Message = "{Method} {Path}: internal error")]
    private partial void LogFailed(string method, string path, Exception exception);
}
