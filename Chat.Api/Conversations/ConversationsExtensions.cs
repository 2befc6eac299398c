using Chat.Api.Http;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.Core.Conversations;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Api.Conversations;

internal static class ConversationsExtensions
{
    private const string Tag = "Conversations";

    public static void AddConversations(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<OwnerCache>();
        builder.Services.TryAddSingleton<ConversationAccess>();
        builder.Services.AddSingleton<ConversationSignal>();
    }

    public static void MapConversations(this IEndpointRouteBuilder api)
    {
        api.MapGet("/conversations/{id}", GetConversation.HandleAsync)
            .WithName("GetConversation")
            .WithSummary("A conversation: whom it is with, through which account, and whether the 24-hour window is open.")
            .WithTags(Tag)
            .LimitReads()
            .WithProblems(400, 403, 404, 429, 503)
            .WithAnswer(404, "There is no such conversation, or nobody wrote in it yet.")
            .WithIdParameters("id");
        api.MapGet("/conversations/{id}/messages", ListMessages.HandleAsync)
            .WithName("ListMessages")
            .WithSummary("A page of a conversation's messages, newest first, each with its status.")
            .WithDescription("limit: 1 to 200, 50 where it is missing. before: the page's next, for the one after it.")
            .WithTags(Tag)
            .LimitReads(ListMessages.CostOf)
            .WithProblems(400, 403, 429, 503)
            .WithIdParameters("id", "before")
            .WithIntegerParameter("limit", ListMessages.MaxLimit, ListMessages.DefaultLimit);
        api.MapPost("/conversations/{id}/read", ConversationSignal.ReadAsync)
            .WithName("MarkRead")
            .WithSummary("Says that the desk has read what the person wrote, up to their last message: their provider shows it to them.")
            .IsSignal();
        api.MapPost("/conversations/{id}/typing", ConversationSignal.TypingAsync)
            .WithName("ShowTyping")
            .WithSummary("Says that somebody at the desk writes an answer, where the person's provider can show that: for some 25 s.")
            .IsSignal();
    }

    private static void IsSignal(this RouteHandlerBuilder endpoint) => endpoint
        .WithDescription("Nothing is kept of it, and it may be repeated. A simulated channel has nobody to tell.")
        .WithTags(Tag)
        .LimitReads()
        .WithProblems(400, 403, 429, 503)
        .WithAnswer(202, "On its way, where messageId names the person's last message; else there is nobody to tell.")
        .WithIdParameters("id");
}
