using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;

namespace Chat.Connectors.Outbound;

/// <summary>A status of a message of ours as <c>msg.status</c> takes it.</summary>
internal static class StatusReport
{
    public static NewEvent Event(Message message, PlannedStatus status, DateTimeOffset at, string? traceParent) => new(
        Topics.Status,
        MessageIds.Format(message.ConversationId),
        StatusEventJson.Write(new(
            message.MessageId,
            message.ConversationId,
            message.OrganizationId,
            message.Channel,
            status.Kind,
            at,
            status.Reason,
            AccountId: message.AccountId)),
        traceParent is null ? null : [new(HeaderNames.TraceParent, traceParent)]);
}
