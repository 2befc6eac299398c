using System.Globalization;
using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Messages;
using Chat.Api.Operations.DeadLetters;
using Chat.Api.Operations.Engines;
using Chat.Api.Operations.Live;
using Chat.Api.Operations.Messages;
using Chat.Api.Operations.Parked;
using Chat.Api.Problems;
using Chat.Core.PutBack;
using Chat.Core.Time;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Chat.Api.Operations;

/// <summary>The operator's view: how the system is, as JSON under <c>/v1/operations</c>, for tokens with the role of an operator.</summary>
internal static class OperationsExtensions
{
    private const string Tag = "Operations";
    private const string NoSuchDeadLetter = "There is no such dead letter.";

    // It reads through a topic of dead letters.
    private const int CostOfSearch = 20;

    private static readonly string Instance =
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    public static void AddOperations(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<OperationsOptions>()
            .BindConfiguration(OperationsOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddHealthChecks();
        services.AddSingleton<LiveFigures>();
        services.AddHostedService(s => s.GetRequiredService<LiveFigures>());
        services.AddSingleton<AccountFigures>();
        services.AddSingleton<EngineFigures>();
        services.AddSingleton<DeadLetterBox>();
        services.AddSingleton<DeadLetterDesk>();
    }

    public static void MapOperations(this IEndpointRouteBuilder api)
    {
        if (!IsEnabled(api)) return;
        var operations = api.MapGroup("/operations")
            .RequireAuthorization(policy => policy.RequireRole(Roles.Operator))
            .WithTags(Tag)
            .ProducesProblem(StatusCodes.Status403Forbidden, Problem.ContentType)
            .AddEndpointFilter(static (invocation, next) =>
            {
                invocation.HttpContext.Response.Headers.CacheControl = "no-store";
                return next(invocation);
            });
        operations.MapGet("", OverviewAsync)
            .LimitReads()
            .WithName("GetOperations")
            .WithSummary("How the system is: sockets, rates, latency, lag, dead letters, parked statuses, channels, health.")
            .WithDescription(
                "For a token with the claim role, of the value operator, as everything under /v1/operations. live is of the instance that "
                + "answers; engines is of all, read at most once in 5 s, and null in each part that is not known.")
            .WithProblems(429, 503);
        operations.MapGet("/dead-letters", DeadLetterEndpoints.ListAsync)
            .LimitReads()
            .WithName("ListDeadLetters")
            .WithSummary("A page of the events that were put aside, the newest first.")
            .WithDescription(
                "topic: only those put aside from it. limit: 1 to 200, 50 where it is missing. after: the page's next, for the one after "
                + "it. At most the newest 200 of each partition are listed; isWhole says whether these are all.")
            .WithProblems(400, 429, 503)
            .WithIntegerParameter("limit", DeadLetterEndpoints.MaxLimit, DeadLetterEndpoints.DefaultLimit);
        operations.MapGet("/dead-letters/{topic}/{partition}/{offset}", DeadLetterEndpoints.GetAsync)
            .LimitReads(static _ => CostOfSearch)
            .WithName("GetDeadLetter")
            .WithSummary("A dead letter with an outline of its event: ids, times and statuses, and no text that a person wrote.")
            .WithProblems(404, 429, 503)
            .WithAnswer(404, NoSuchDeadLetter);
        operations.MapPost("/dead-letters/{topic}/{partition}/{offset}/put-back", DeadLetterEndpoints.PutBackAsync)
            .LimitReads(static _ => CostOfSearch)
            .WithName("PutBackDeadLetter")
            .WithSummary("Appends a dead letter to the topic that it came from, once.")
            .WithDescription("Recorded with the operator's id, and written to the log. 409 where it is back already or can't go back.")
            .WithProblems(404, 409, 429, 503)
            .WithAnswer(404, NoSuchDeadLetter);
        operations.MapGet("/parked", ListParked.HandleAsync)
            .LimitReads()
            .WithName("ListParked")
            .WithSummary("A page of the statuses that wait for their message, the one that has waited longest first.")
            .WithDescription("limit: 1 to 200, 50 where it is missing. after: the page's next, for the one after it.")
            .WithProblems(400, 429, 503)
            .WithIntegerParameter("limit", ListParked.MaxLimit, ListParked.DefaultLimit);
        operations.MapGet("/messages/{id}", FollowMessage.HandleAsync)
            .LimitReads()
            .WithName("FollowMessage")
            .WithSummary("What became of a message of any organization: its timeline, and no text.")
            .WithProblems(400, 404, 429, 503)
            .WithAnswer(404, "There is no such message, and no status waits for it.")
            .WithIdParameters("id");
    }

    /// <summary>Whether there is an operator's view: <see cref="OperationsOptions.Enabled"/>.</summary>
    internal static bool IsEnabled(IEndpointRouteBuilder app) =>
        app.ServiceProvider.GetRequiredService<IOptions<OperationsOptions>>().Value.Enabled;

    private static async Task<Ok<OverviewView>> OverviewAsync(
        HttpContext context, LiveFigures live, EngineFigures engines, TimeProvider time)
    {
        var view = await engines.GetAsync(context.RequestAborted);
        return TypedResults.Ok(new OverviewView(
            WireTime.Format(time.GetUtcNow()), new(Instance, WireTime.Format(live.StartedAt)), live.View(), live.Audit, view));
    }
}
