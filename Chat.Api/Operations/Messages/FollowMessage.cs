using Chat.Api.Messages;
using Chat.Api.Operations.Parked;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Conversations;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Operations.Messages;

/// <summary><c>GET /v1/operations/messages/{id}</c>, of whatever organization.</summary>
internal static class FollowMessage
{
    private const int MostParked = 200;

    public static async Task<Results<Ok<OperatorMessageView>, ProblemHttpResult>> HandleAsync(
        HttpContext context, string id, IMessageStore messages, IStatusStore statuses, IParkedStore parkedStatuses, OwnerCache owners)
    {
        if (Uuid.ReadExact(id) is not { } messageId) return Problem.BadRequest(context, "id", UserTexts.NotAnId);
        var view = await EngineCall.GuardAsync(
            async ct =>
            {
                var parked = await parkedStatuses.ListParkedAsync([ParkedStatuses.SubjectOf(messageId)], ct);
                var waiting = parked.Take(MostParked).Select(ParkedView.From).ToList();
                return await messages.FindMessageKeyAsync(messageId, ct) is { } key
                    ? await ViewAsync(key, waiting, ct)
                    : new(messageId, null, null, null, null, null, null, null, [], waiting);
            },
            context.RequestAborted);
        return view.ConversationId is null && view.Parked.Count == 0
            ? Problem.Create(context, StatusCodes.Status404NotFound, UserTexts.NoSuchMessage)
            : TypedResults.Ok(view);

        async ValueTask<OperatorMessageView> ViewAsync(MessageKey key, IReadOnlyList<ParkedView> waiting, CancellationToken ct)
        {
            var state = (await messages.GetStatesAsync([key], ct))[0];
            var records = await statuses.ListTimelineAsync(key, ct);
            var owner = await owners.FindAsync(key.ConversationId, ct);
            return new(
                key.MessageId,
                key.ConversationId,
                owner?.OrganizationId ?? state.Message?.OrganizationId,
                state.Message?.Channel,
                state.Message?.Direction,
                state.Message is { } message ? WireTime.Format(message.CreatedAt) : null,
                StatusNames.Format(state.Facts.Status),
                state.Facts.Reason,
                TimelineView.From(key, records).Items,
                waiting);
        }
    }
}
