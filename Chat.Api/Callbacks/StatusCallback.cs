using System.ComponentModel;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Events;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Callbacks;

/// <summary>One status event, as <c>msg.status</c> has them. camelCase is read too.</summary>
internal sealed record StatusCallbackBody(
    [property: Description("SENT, DELIVERED, READ or FAILED.")] string status,
    [property: Description("Or provider_message_id.")] Guid? message_id = null,
    string? channel = null,
    [property: Description("ISO 8601, or Unix seconds or milliseconds.")] string? timestamp = null,
    Guid? conversation_id = null,
    Guid? organizacao_id = null,
    [property: Description("Why it failed.")] string? reason = null,
    string? provider_message_id = null);

/// <summary>
/// How many statuses are in the log, and which are not; only where none could be used is the answer 400, or 413 where the log takes none.
/// </summary>
internal sealed record CallbackAccepted(
    int Accepted, [property: Description("Those of an array that could not be used.")] IReadOnlyList<CallbackRejected> Rejected);

/// <param name="Index">In the array, from 0.</param>
/// <param name="Field">What is wrong with it, by its own name; $ for the whole.</param>
internal sealed record CallbackRejected(int Index, string Field, string Error);

/// <summary><c>POST /v1/callbacks/status</c>: one status event, or an array of them.</summary>
internal static class StatusCallback
{
    private const int MaxBody = EventLimits.MaxBytes;

    public static async Task<Results<Accepted<CallbackAccepted>, ProblemHttpResult>> HandleAsync(
        HttpContext context, CallbackSenders senders, CallbackIntake intake, ApiMetrics metrics)
    {
        if (senders.Find(context.Request) is not { } sender) return CallbackSenders.Refuse(context);
        var (body, problem) = await JsonBody.ReadAsync(context, MaxBody, itemByItem: true);
        if (body is null) return problem!;
        CallbackItems items;
        using (body) items = CallbackItems.Read(body.RootElement, sender.Channel);
        var refused = items.Events.Count > 0 ? await intake.AppendAsync(items.Events, context.RequestAborted) : [];
        foreach (var place in refused) items.Refuse(place);
        var accepted = items.Events.Count - refused.Count;
        metrics.CallbacksRejected(items.Rejected.Count);
        if (items.Events.Count == 0) return Problem.BadRequest(context, items.ToErrors());
        if (accepted == 0) return Problem.Create(context, StatusCodes.Status413PayloadTooLarge, items.ToErrors());
        metrics.CallbacksAccepted(accepted);
        return TypedResults.Accepted((string?)null, new CallbackAccepted(accepted, Name(context, items.Rejected)));
    }

    private static CallbackRejected[] Name(HttpContext context, IReadOnlyList<RejectedItem> rejected)
    {
        var language = context.Language();
        if (rejected.Count > 0) context.Response.Headers.ContentLanguage = language.Tag();
        return [.. rejected.Select(r => new CallbackRejected(r.Index!.Value, r.Field, r.Error.In(language)))];
    }
}
