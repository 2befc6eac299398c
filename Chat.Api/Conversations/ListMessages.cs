using System.Globalization;
using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Messages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Conversations;

/// <summary>A page of a conversation, newest message first, in the order in which the log took them.</summary>
/// <param name="Next">What to give as <c>before</c> for the next page; null on the last.</param>
/// <param name="Seq">The conversation's last number, read before the items: a client counts on from there.</param>
internal sealed record MessagePageView(IReadOnlyList<MessageView> Items, Guid? Next, long Seq);

/// <summary><c>GET /v1/conversations/{id}/messages</c>.</summary>
internal static class ListMessages
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    /// <summary>What the page costs of the limit of reads: one for each <see cref="DefaultLimit"/> that are asked for.</summary>
    public static int CostOf(HttpRequest request)
    {
        var isNumber = int.TryParse(request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var limit);
        // What is no limit at all is refused by the endpoint.
        return isNumber ? (Math.Clamp(limit, 1, MaxLimit) + DefaultLimit - 1) / DefaultLimit : 1;
    }

    public static async Task<Results<Ok<MessagePageView>, ProblemHttpResult>> HandleAsync(
        HttpContext context, string id, string? limit, string? before, ConversationAccess access, IMessageStore messages)
    {
        var errors = new FieldErrors();
        var conversation = Parameters.Id("id", id, errors);
        var most = Parameters.Integer("limit", limit, 1, MaxLimit, DefaultLimit, errors);
        var cursor = Parameters.Id("before", before, errors);
        if (errors.Any || conversation is not { } conversationId) return Problem.BadRequest(context, errors);

        var aborted = context.RequestAborted;
        switch (await EngineCall.GuardAsync(ct => access.CheckAsync(context.User(), conversationId, ct), aborted))
        {
            case Access.Denied:
                return Problem.Forbidden(context, "id", UserTexts.HiddenConversation);
            case Access.Unowned:
                return TypedResults.Ok(new MessagePageView([], Next: null, Seq: 0));
        }
        var page = await EngineCall.GuardAsync(ct => messages.ListMessagesAsync(conversationId, cursor, most, ct), aborted);
        var items = page.Items.Select(i => MessageView.From(i.Message, i.Facts)).ToList();
        return TypedResults.Ok(new MessagePageView(items, page.Next, page.Seq));
    }
}
