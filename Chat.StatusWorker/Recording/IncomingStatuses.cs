using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;

namespace Chat.StatusWorker.Recording;

/// <summary>
/// A batch of <c>msg.status</c>, first of four phases: <see cref="IncomingStatuses"/> → <see cref="ResolvedStatuses"/> →
/// <see cref="AdmittedStatuses"/> → <see cref="AppliedStatuses"/>. The phases decide and do no I/O; <see cref="StatusProcessor"/>
/// fetches what each needs.
/// </summary>
public sealed class IncomingStatuses
{
    private readonly TopicPartition _partition;
    private readonly TopicDescription _topic;
    private readonly SetAside _aside;

    private IncomingStatuses(
        TopicPartition partition, TopicDescription topic, IReadOnlyList<IncomingStatus> statuses, SetAside aside) =>
        (_partition, _topic, Statuses, _aside) = (partition, topic, statuses, aside);

    /// <summary>Events that can be read.</summary>
    public IReadOnlyList<IncomingStatus> Statuses { get; }

    /// <summary>Events that do not say which conversation they belong to; rare, since connectors do.</summary>
    public IEnumerable<StatusEvent> Unresolved => Statuses.Where(i => i.Key is null).Select(i => i.Status);

    /// <summary>Numbers the events; what can't be read becomes a dead letter.</summary>
    public static IncomingStatuses Read(TopicPartition partition, NumberedTopic topic, IReadOnlyList<LogEvent> events)
    {
        var aside = new SetAside(partition, topic.Description);
        var statuses = new List<IncomingStatus>(events.Count);
        foreach (var source in events)
        {
            if (StatusEventJson.TryRead(source.Value.Span, out var error) is { } status)
                statuses.Add(new(source, status, topic.SeqAt(source.Offset)));
            else
                aside.AddDeadLetter(source, error!.ToString());
        }
        return new(partition, topic.Description, statuses, aside);
    }

    /// <summary>
    /// Fills in the conversations that were looked up. What lies in another partition than its conversation's goes back into the
    /// log under the right key; what belongs to a message that nobody knows is parked.
    /// </summary>
    /// <param name="find">
    /// The message that an event means, by its message id or the provider's; null where nobody knows it.
    /// </param>
    public ResolvedStatuses Resolve(Func<StatusEvent, MessageKey?> find)
    {
        var aside = _aside.Copy();
        var resolved = new List<(IncomingStatus, MessageKey)>(Statuses.Count);
        // A batch has many events of few conversations.
        var conversations = new Dictionary<Guid, (string Text, bool IsMisrouted)>();
        foreach (var incoming in Statuses)
        {
            var looked = incoming.Key is null;
            if ((incoming.Key ?? find(incoming.Status)) is not { } key)
            {
                aside.Park(incoming);
                continue;
            }
            if (!conversations.TryGetValue(key.ConversationId, out var conversation))
            {
                var text = MessageIds.Format(key.ConversationId);
                conversations[key.ConversationId] = conversation = (text, IsMisrouted(text));
            }
            if (looked || conversation.IsMisrouted) aside.Rekey(incoming, key, conversation.Text);
            else resolved.Add((incoming, key));
        }
        return new(resolved, aside);
    }

    // A number is unique in its partition only: an event that lies in another one gets none, or it would take that of another
    // event of its conversation.
    private bool IsMisrouted(string conversation) => _topic.PartitionOf(conversation) != _partition.Partition;
}
