using Chat.Core.Channels;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Text;

namespace Chat.RouterWorker.Batches;

/// <summary>
/// Decides what a batch of <c>messages</c> does, without I/O. The shell feeds it in this order and carries out what it says:
/// <see cref="Claims"/> → <see cref="Admit"/> → <see cref="Messages"/> → <see cref="Subjects"/> → <see cref="Join"/> →
/// <see cref="Appends"/>.
/// </summary>
public sealed class RouteBatch
{
    private readonly TopicPartition _partition;
    private readonly List<Routed> _incoming = [];
    private readonly List<Routed> _admitted = [];
    private readonly List<NewEvent> _appends = [];

    public RouteBatch(TopicPartition partition, IReadOnlyList<LogEvent> events)
    {
        _partition = partition;
        foreach (var source in events)
        {
            if (MessageEventJson.TryRead(source.Value.Span, out var error) is not { } message)
                AddDeadLetter(source, error!.ToString());
            else if (!ChannelCatalog.Names.Contains(message.Channel))
                AddDeadLetter(source, $"channel: there is no '{Printable.Line(message.Channel)}'");
            else
                _incoming.Add(new(source, message));
        }
    }

    /// <summary>
    /// The claims that the messages make on their conversations. The API made them before its 202; a producer that wrote into the
    /// topic itself did not.
    /// </summary>
    public IEnumerable<ConversationOwner> Claims => _incoming
        .DistinctBy(i => i.Message.ConversationId)
        .Select(i => new ConversationOwner(i.Message.ConversationId, i.Message.OrganizationId, i.Message.CreatedAt));

    /// <summary>What goes into the store.</summary>
    public IReadOnlyList<Message> Messages { get; private set; } = [];

    /// <summary>What statuses that came early may be waiting for; looked up after <see cref="Messages"/> were written.</summary>
    public IReadOnlyCollection<string> Subjects { get; private set; } = [];

    /// <summary>Statuses that waited for one of the messages, and that are in <see cref="Appends"/> now.</summary>
    public IReadOnlyList<ParkedStatus> Joined { get; private set; } = [];

    /// <summary>Messages for the connectors, statuses brought back, dead letters; acknowledged before the commit.</summary>
    public IReadOnlyList<NewEvent> Appends => _appends;

    public int DeadLetters { get; private set; }

    /// <summary>The messages with their traces, for spans; those that were admitted, once <see cref="Admit"/> ran.</summary>
    public IReadOnlyList<Routed> Routed => Messages.Count > 0 ? _admitted : _incoming;

    /// <summary>Admits the messages whose organization owns the conversation.</summary>
    public void Admit(IReadOnlyDictionary<Guid, ConversationOwner> owners)
    {
        foreach (var routed in _incoming)
        {
            var message = routed.Message;
            if (owners[message.ConversationId].OrganizationId == message.OrganizationId) _admitted.Add(routed);
            else AddDeadLetter(routed.Event, $"organizacao_id: conversation {message.ConversationId} belongs to another organization");
        }
        Messages = [.. _admitted.Select(a => a.Message)];
        Subjects = [.. Messages.Select(m => ParkedStatuses.SubjectOf(m.MessageId)).Distinct()];
    }

    /// <summary>Takes the statuses that waited, and makes everything that goes into the log.</summary>
    public void Join(IReadOnlyList<ParkedStatus> parked)
    {
        var keys = Messages
            .DistinctBy(m => m.MessageId)
            .ToDictionary(m => ParkedStatuses.SubjectOf(m.MessageId), m => new MessageKey(m.ConversationId, m.MessageId));
        Joined = parked;
        foreach (var status in parked) _appends.Add(ParkedStatuses.Release(status, keys[status.Subject]));
        foreach (var routed in _admitted)
        {
            if (routed.Message.Direction == MessageDirection.Inbound) continue;
            _appends.Add(new(
                Topics.Outbound(routed.Message.Channel),
                MessageIds.Format(routed.Message.ConversationId),
                routed.Event.Value,
                routed.TraceParent is { } trace ? [new(HeaderNames.TraceParent, trace)] : null));
        }
    }

    private void AddDeadLetter(LogEvent source, string reason)
    {
        _appends.Add(Chat.Core.Log.DeadLetters.From(_partition, source, reason));
        DeadLetters++;
    }
}

/// <summary>A message of the batch.</summary>
public sealed record Routed(LogEvent Event, Message Message)
{
    /// <summary>The trace that goes on with the message; the router's own span once it has one.</summary>
    public string? TraceParent { get; set; } = Event.TraceParent;
}
