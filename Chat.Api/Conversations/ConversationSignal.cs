using Chat.Api.Auth;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Conversations;

/// <summary>The answer 202.</summary>
/// <param name="MessageId">The person's last message, which the provider is told of; null where there is nothing to tell.</param>
internal sealed record ConversationSignaled(Guid? MessageId);

/// <summary>
/// <c>POST /v1/conversations/{id}/read</c> and <c>/typing</c>: tells the person's provider that the desk has read what they wrote, or
/// writes.
/// </summary>
internal sealed class ConversationSignal(IEventLog log, IMessageStore messages, ConversationAccess access, IdSource ids)
{
    // Who waits for an answer wrote last, or nearly so.
    private const int Newest = 50;

    public static Task<Results<Accepted<ConversationSignaled>, ProblemHttpResult>> ReadAsync(
        HttpContext context, string id, ConversationSignal signal) => signal.SendAsync(context, id, MessageTypes.MarkRead);

    public static Task<Results<Accepted<ConversationSignaled>, ProblemHttpResult>> TypingAsync(
        HttpContext context, string id, ConversationSignal signal) => signal.SendAsync(context, id, MessageTypes.Typing);

    private async Task<Results<Accepted<ConversationSignaled>, ProblemHttpResult>> SendAsync(HttpContext context, string id, string type)
    {
        if (Uuid.ReadExact(id) is not { } conversationId) return Problem.BadRequest(context, "id", UserTexts.NotAnId);
        var user = context.User();
        if (user.OrganizationId is null) return Problem.Create(context, StatusCodes.Status403Forbidden, UserTexts.WatchOnly);
        var aborted = context.RequestAborted;
        var granted = await EngineCall.GuardAsync(ct => access.CheckAsync(user, conversationId, ct), aborted);
        if (granted == Access.Denied) return Problem.Forbidden(context, "id", UserTexts.HiddenConversation);

        var page = await EngineCall.GuardAsync(ct => messages.ListMessagesAsync(conversationId, null, Newest, ct), aborted);
        var last = page.Items.Select(i => i.Message).FirstOrDefault(m => m.Direction == MessageDirection.Inbound);
        if (last is not { AccountId: not null, ProviderMessageId: not null }) return Answer(null);
        var appended = new NewEvent(
            Topics.Outbound(last.Channel), MessageIds.Format(conversationId), MessageEventJson.Write(SignalOf(last, user, type)));
        await EngineCall.GuardAsync(ct => log.AppendAsync(appended, ct), aborted);
        return Answer(last.MessageId);
    }

    private static Accepted<ConversationSignaled> Answer(Guid? messageId) =>
        TypedResults.Accepted((string?)null, new ConversationSignaled(messageId));

    private Message SignalOf(Message last, ChatUser user, string type)
    {
        var id = ids.Next();
        return last with
        {
            MessageId = id,
            CreatedAt = MessageIds.CreatedAt(id)!.Value,
            SenderId = user.UserId,
            Direction = MessageDirection.Outbound,
            Type = type,
            Content = "{}",
            Position = 0,
        };
    }
}
