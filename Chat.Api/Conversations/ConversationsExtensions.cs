using Chat.Api.Http;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.Core.Conversations;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Api.Conversations;

internal static class ConversationsExtensions
{
    public static void AddConversations(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<OwnerCache>();
        builder.Services.TryAddSingleton<ConversationAccess>();
    }

    public static void MapConversations(this IEndpointRouteBuilder api)
    {
        api.MapGet("/conversations/{id}", GetConversation.HandleAsync)
            .WithName("GetConversation")
            .WithSummary("A conversation: whom it is with, through which account, and whether the 24-hour window is open.")
            .WithTags("Conversations")
            .LimitReads()
            .WithProblems(400, 403, 404, 429, 503)
            .WithAnswer(404, "There is no such conversation, or nobody wrote in it yet.")
            .WithIdParameters("id");
        api.MapGet("/conversations/{id}/messages", ListMessages.HandleAsync)
            .WithName("ListMessages")
            .WithSummary("A page of a conversation's messages, newest first, each with its status.")
            .WithDescription("limit: 1 to 200, 50 where it is missing. before: the page's next, for the one after it.")
            .WithTags("Conversations")
            .LimitReads(ListMessages.CostOf)
            .WithProblems(400, 403, 429, 503)
            .WithIdParameters("id", "before")
            .WithIntegerParameter("limit", ListMessages.MaxLimit, ListMessages.DefaultLimit);
    }
}
