using System.Globalization;
using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Log;
using Chat.Core.PutBack;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Operations.DeadLetters;

/// <summary><c>GET /v1/operations/dead-letters</c>, one of them, and <c>POST …/put-back</c>.</summary>
internal static class DeadLetterEndpoints
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    private static readonly string[] Origins = [.. Topics.All.Where(t => !Topics.IsDeadLetter(t))];

    public static async Task<Results<Ok<DeadLetterPageView>, ProblemHttpResult>> ListAsync(
        HttpContext context, string? topic, string? limit, string? after, DeadLetterDesk desk)
    {
        var errors = new FieldErrors();
        if (topic is not null && !Origins.Contains(topic)) errors.Add("topic", UserTexts.NotOneOf(string.Join(", ", Origins)));
        var most = Parameters.Integer("limit", limit, 1, MaxLimit, DefaultLimit, errors);
        var cursor = after is null ? null : DeadLetterCursor.Parse(after);
        if (after is not null && cursor is null) errors.Add("after", UserTexts.NotACursor);
        if (errors.Any) return Problem.BadRequest(context, errors);

        var newest = await desk.ListAsync(context.RequestAborted);
        // One more than asked for, which says that there is a next page.
        var found = newest.Letters
            .Where(l => topic is null || l.Origin == topic)
            .Where(l => cursor is null || cursor.Precedes(l))
            .Take(most + 1)
            .ToList();
        var next = found.Count > most ? DeadLetterCursor.Of(found[most - 1]).ToString() : null;
        return TypedResults.Ok(new DeadLetterPageView([.. found.Take(most).Select(DeadLetterView.From)], next, newest.IsWhole));
    }

    public static async Task<Results<Ok<DeadLetterDetailView>, ProblemHttpResult>> GetAsync(
        HttpContext context, string topic, string partition, string offset, DeadLetterDesk desk)
    {
        if (Place(partition, offset) is not (var number, var place)) return NotFound(context);
        return await desk.FindAsync(Topics.DeadLetter(topic), number, place, context.RequestAborted) is { } letter
            ? TypedResults.Ok(DeadLetterDetailView.From(letter))
            : NotFound(context);
    }

    public static async Task<Results<Ok<DeadLetterView>, ProblemHttpResult>> PutBackAsync(
        HttpContext context, string topic, string partition, string offset, DeadLetterDesk desk, TimeProvider time)
    {
        if (Place(partition, offset) is not (var number, var place)) return NotFound(context);
        var by = context.User().UserId;
        var (outcome, letter) = await desk.PutBackAsync(Topics.DeadLetter(topic), number, place, by, context.RequestAborted);
        return outcome switch
        {
            PutBackOutcome.Done => TypedResults.Ok(
                DeadLetterView.From(letter! with { Back = new PutBackRecord(time.GetUtcNow(), by.ToString("D")) })),
            PutBackOutcome.IsBack => Problem.Create(context, StatusCodes.Status409Conflict, UserTexts.DeadLetterIsBack),
            PutBackOutcome.EventIsGone => Problem.Create(context, StatusCodes.Status409Conflict, UserTexts.DeadLetterIsGone),
            PutBackOutcome.Refused => Problem.Create(context, StatusCodes.Status409Conflict, UserTexts.DeadLetterIsRefused),
            _ => NotFound(context),
        };
    }

    // What is no place has nothing at it.
    private static (int Partition, long Offset)? Place(string partition, string offset) =>
        int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? (number, place)
            : null;

    private static ProblemHttpResult NotFound(HttpContext context) =>
        Problem.Create(context, StatusCodes.Status404NotFound, UserTexts.NoSuchDeadLetter);
}
