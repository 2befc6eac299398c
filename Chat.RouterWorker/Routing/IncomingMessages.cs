using Chat.Core.Channels;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Text;

namespace Chat.RouterWorker.Routing;

/// <summary>
/// A batch of <c>messages</c>, first of three phases: <see cref="IncomingMessages"/> → <see cref="AdmittedMessages"/> →
/// <see cref="RoutedMessages"/>. The phases decide and do no I/O; <see cref="RouteProcessor"/> fetches what each needs.
/// </summary>
public sealed class IncomingMessages
{
    private readonly TopicPartition _partition;
    private readonly List<IncomingMessage> _messages = [];
    private readonly List<NewEvent> _deadLetters = [];

    private IncomingMessages(TopicPartition partition) => _partition = partition;

    /// <summary>Messages that can be read and name a channel there is.</summary>
    public IReadOnlyList<IncomingMessage> Messages => _messages;

    /// <summary>
    /// The claims that the messages make on their conversations. The API made them before its 202; a producer that wrote into the
    /// topic itself did not.
    /// </summary>
    public IEnumerable<ConversationOwner> Claims => _messages
        .DistinctBy(m => m.Message.ConversationId)
        .Select(m => new ConversationOwner(m.Message.ConversationId, m.Message.OrganizationId, m.Message.CreatedAt));

    /// <summary>What can't be read becomes a dead letter; each of the others gets its position.</summary>
    public static IncomingMessages Read(TopicPartition partition, NumberedTopic topic, IReadOnlyList<LogEvent> events)
    {
        var incoming = new IncomingMessages(partition);
        foreach (var source in events)
        {
            if (MessageEventJson.TryRead(source.Value.Span, out var error) is not { } message)
                incoming.AddDeadLetter(source, error!.ToString());
            else if (!ChannelCatalog.Names.Contains(message.Channel))
                incoming.AddDeadLetter(source, $"channel: there is no '{Printable.Line(message.Channel)}'");
            else
                incoming._messages.Add(new(source, message with { Position = PositionOf(message, source) }));
        }
        return incoming;

        long PositionOf(Message message, LogEvent source) =>
            topic.PositionOf(MessageIds.Format(message.ConversationId), partition.Partition, source.Offset);
    }

    /// <summary>Admits the messages whose organization owns the conversation; the others become dead letters.</summary>
    /// <param name="owners">Of every conversation in <see cref="Claims"/>.</param>
    public AdmittedMessages Admit(IReadOnlyDictionary<Guid, ConversationOwner> owners)
    {
        var admitted = new List<IncomingMessage>(_messages.Count);
        var deadLetters = new List<NewEvent>(_deadLetters);
        foreach (var incoming in _messages)
        {
            var message = incoming.Message;
            if (owners[message.ConversationId].OrganizationId == message.OrganizationId)
            {
                admitted.Add(incoming);
                continue;
            }
            var reason = $"organizacao_id: conversation {message.ConversationId} belongs to another organization";
            deadLetters.Add(DeadLetters.From(_partition, incoming.Event, reason));
        }
        return new(admitted, deadLetters);
    }

    private void AddDeadLetter(LogEvent source, string reason) => _deadLetters.Add(DeadLetters.From(_partition, source, reason));
}
