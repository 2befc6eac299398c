using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;

namespace Chat.StatusWorker.Recording;

/// <summary>An event of <c>msg.status</c> that could be read.</summary>
public sealed record IncomingStatus(LogEvent Event, StatusEvent Status, long Seq)
{
    /// <summary>Where its message is; null where the event does not say.</summary>
    public MessageKey? Key { get; } =
        Status is { MessageId: { } message, ConversationId: { } conversation } ? new(conversation, message) : null;

    /// <summary>The trace that the event came with; the worker's own span once it has one.</summary>
    public string? TraceParent { get; set; } = Event.TraceParent;
}
