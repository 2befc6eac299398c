using Chat.Api.Auth;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Messages;

/// <summary><c>GET /v1/messages/{id}</c> and <c>GET /v1/messages/{id}/timeline</c>.</summary>
internal static class GetMessage
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public static async Task<Results<Ok<MessageView>, ProblemHttpResult>> HandleAsync(
        HttpContext context, string id, MessageFinder finder, IMessageStore messages)
    {
        var (state, problem) = await FindStateAsync(context, id, finder, messages);
        return state is { Message: { } message, Facts: var facts } ? TypedResults.Ok(MessageView.From(message, facts)) : problem!;
    }

    /// <summary>The message that a path names; the answer that there is none, where the user may see none.</summary>
    public static async ValueTask<(Message? Message, ProblemHttpResult? Problem)> FindMessageAsync(
        HttpContext context, string id, MessageFinder finder, IMessageStore messages)
    {
        var (state, problem) = await FindStateAsync(context, id, finder, messages);
        return (state?.Message, problem);
    }

    public static async Task<Results<Ok<TimelineView>, ProblemHttpResult>> TimelineAsync(
        HttpContext context, string id, MessageFinder finder, IStatusStore statuses)
    {
        var (key, problem) = await FindAsync(context, id, finder);
        if (problem is not null) return problem;
        var records = await EngineCall.GuardAsync(ct => statuses.ListTimelineAsync(key, ct), context.RequestAborted);
        return TypedResults.Ok(TimelineView.From(key, records));
    }

    private static async ValueTask<(MessageState? State, ProblemHttpResult? Problem)> FindStateAsync(
        HttpContext context, string id, MessageFinder finder, IMessageStore messages)
    {
        var (key, problem) = await FindAsync(context, id, finder);
        if (problem is not null) return (null, problem);
        var states = await EngineCall.GuardAsync(ct => messages.GetStatesAsync([key], ct), context.RequestAborted);
        return states[0] is { Message: not null } state ? (state, null) : (null, NotFound(context, finder, key.MessageId));
    }

    private static async ValueTask<(MessageKey Key, ProblemHttpResult? Problem)> FindAsync(
        HttpContext context, string id, MessageFinder finder)
    {
        if (Uuid.ReadExact(id) is not { } messageId) return (default, Problem.BadRequest(context, "id", UserTexts.NotAnId));
        return await finder.FindAsync(context.User(), messageId, context.RequestAborted) is { } key
            ? (key, null)
            : (default, NotFound(context, finder, messageId));
    }

    private static ProblemHttpResult NotFound(HttpContext context, MessageFinder finder, Guid messageId)
    {
        if (!finder.CanReport(messageId)) return Problem.Create(context, StatusCodes.Status404NotFound, UserTexts.NoSuchMessage);
        return Problem
            .Create(context, StatusCodes.Status404NotFound, UserTexts.NoSuchMessageYet)
            .WithRetryAfter(context, RetryAfter);
    }
}
