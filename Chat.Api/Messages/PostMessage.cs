using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Messages;

/// <summary>The answer 202: the message is in the log.</summary>
internal sealed record MessageAccepted(Guid MessageId, Guid ConversationId, string Channel, string Status, string Timestamp);

/// <summary><c>POST /v1/messages</c>.</summary>
internal static class PostMessage
{
    public const string KeyHeader = "Idempotency-Key";
    public const int MaxKey = 255;

    private const int MaxBody = 64 * 1024;

    public static async Task<Results<Accepted<MessageAccepted>, ProblemHttpResult>> HandleAsync(
        HttpContext context, MessagePoster poster, PostingAccount accounts, ApiMetrics metrics)
    {
        var user = context.User();
        if (user.OrganizationId is not { } organization)
        {
            return Problem.Create(context, StatusCodes.Status403Forbidden, UserTexts.WatchOnly);
        }
        var (body, problem) = await JsonBody.ReadAsync(context, MaxBody);
        if (body is null) return problem!;
        PostedMessage? posted;
        var errors = new FieldErrors();
        var key = ReadKey(context.Request, errors);
        using (body) posted = PostedMessage.TryRead(body.RootElement, errors);
        if (posted is null || errors.Any) return Problem.BadRequest(context, errors);
        if (posted.OrganizationId != organization)
            return Problem.Forbidden(context, "organizacaoId", UserTexts.NotTheTokensOrganization);
        if (posted.SenderId != user.UserId) return Problem.Forbidden(context, "usuarioRemetenteId", UserTexts.NotTheTokensUser);

        posted = await accounts.ChooseAsync(posted, errors, context.RequestAborted);
        if (posted is null) return Problem.BadRequest(context, errors);

        switch (await poster.PostAsync(posted, key, context.RequestAborted))
        {
            case PostOutcome.Accepted accepted:
                metrics.MessageAccepted(posted.Channel);
                return TypedResults.Accepted(
                    $"/v1/messages/{accepted.MessageId:D}",
                    new MessageAccepted(
                        accepted.MessageId,
                        posted.ConversationId,
                        posted.Channel,
                        StatusNames.Format(MessageStatus.Accepted),
                        WireTime.Format(accepted.CreatedAt)));
            case PostOutcome.ForeignConversation:
                return Problem.Forbidden(context, "conversaId", UserTexts.OwnedByAnother);
            default:
                return Problem.Create(context, StatusCodes.Status422UnprocessableEntity, KeyHeader, UserTexts.ReusedKey);
        }
    }

    private static string? ReadKey(HttpRequest request, FieldErrors errors)
    {
        var header = request.Headers[KeyHeader];
        if (header.Count == 0) return null;
        if (header is [{ Length: > 0 and <= MaxKey } key] && key.All(c => c is > ' ' and <= '~')) return key;
        errors.Add(KeyHeader, UserTexts.NotAKey(MaxKey));
        return null;
    }
}
