using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;

namespace Chat.RouterWorker.Routing;

/// <summary>A batch of <c>messages</c>, second phase: what goes into the store, and whom statuses may be waiting for.</summary>
public sealed class AdmittedMessages
{
    private readonly IReadOnlyList<IncomingMessage> _admitted;
    private readonly IReadOnlyList<NewEvent> _deadLetters;

    internal AdmittedMessages(IReadOnlyList<IncomingMessage> admitted, IReadOnlyList<NewEvent> deadLetters)
    {
        (_admitted, _deadLetters) = (admitted, deadLetters);
        Messages = [.. admitted.Select(a => a.Message)];
        Subjects = [.. Messages.Select(m => ParkedStatuses.SubjectOf(m.MessageId)).Distinct()];
    }

    /// <summary>What goes into the store.</summary>
    public IReadOnlyList<Message> Messages { get; }

    /// <summary>
    /// What statuses that came early may be waiting for; to be looked up after <see cref="Messages"/> were written.
    /// </summary>
    public IReadOnlyCollection<string> Subjects { get; }

    /// <summary>Makes everything of the batch that goes into the log; to be appended after <see cref="Messages"/> were written.</summary>
    public RoutedMessages Route() => new(
        Messages.Count,
        _deadLetters,
        [.. _admitted.DistinctBy(a => a.Message.MessageId).Select(Announce)],
        [.. _admitted.Where(a => IsToBeSent(a.Message)).Select(ToOutbound)]);

    /// <summary>Takes the statuses that waited for these messages, and makes what they become.</summary>
    public IReadOnlyList<ReleasedStatus> Join(IReadOnlyList<ParkedStatus> parked)
    {
        if (parked.Count == 0) return [];
        var keys = Messages
            .DistinctBy(m => m.MessageId)
            .ToDictionary(m => ParkedStatuses.SubjectOf(m.MessageId), m => new MessageKey(m.ConversationId, m.MessageId));
        return [.. parked.Select(status => new ReleasedStatus(status, ParkedStatuses.Release(status, keys[status.Subject])))];
    }

    // What a provider has an id of was sent there: by a person in the provider's own app.
    private static bool IsToBeSent(Message message) =>
        message.Direction != MessageDirection.Inbound && message.ProviderMessageId is null;

    private static NewEvent Announce(IncomingMessage incoming)
    {
        var message = incoming.Message;
        var announcement = new StatusEvent(
            message.MessageId, message.ConversationId, message.OrganizationId, message.Channel, Status: null, message.CreatedAt);
        return new(
            Topics.Status, MessageIds.Format(message.ConversationId), StatusEventJson.Write(announcement), Headers(incoming));
    }

    private static NewEvent ToOutbound(IncomingMessage incoming) => new(
        Topics.Outbound(incoming.Message.Channel),
        MessageIds.Format(incoming.Message.ConversationId),
        incoming.Event.Value,
        Headers(incoming));

    private static EventHeader[]? Headers(IncomingMessage incoming) =>
        incoming.TraceParent is { } trace ? [new(HeaderNames.TraceParent, trace)] : null;
}
