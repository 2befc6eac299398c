using Chat.Core.Bus;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Frames;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;

namespace Chat.StatusWorker.Batches;

/// <summary>
/// Decides what a batch of <c>msg.status</c> does, without I/O. The shell feeds it in this order and carries out what it says:
/// <see cref="Unresolved"/> → <see cref="Resolve"/> → <see cref="Conversations"/> → <see cref="Admit"/> → <see cref="Records"/> →
/// <see cref="Apply"/> → <see cref="Changes"/>, <see cref="Frames"/>, <see cref="Parked"/>, <see cref="Appends"/>.
/// </summary>
public sealed class StatusBatch
{
    private readonly TopicPartition _partition;
    private readonly TopicDescription _topic;
    private readonly List<Incoming> _incoming = [];
    private readonly List<Admitted> _admitted = [];
    private readonly List<(Incoming Incoming, StatusRecord Record)> _recorded = [];
    private readonly List<StatusChange> _changes = [];
    private readonly List<BusMessage> _frames = [];
    private readonly List<ParkedStatus> _parked = [];
    private readonly List<NewEvent> _appends = [];

    /// <param name="epoch">Of <paramref name="topic"/> as it is now; see <see cref="SequenceNumber"/>.</param>
    public StatusBatch(TopicPartition partition, TopicDescription topic, int epoch, IReadOnlyList<LogEvent> events)
    {
        _partition = partition;
        _topic = topic;
        foreach (var source in events)
        {
            if (StatusEventJson.TryRead(source.Value.Span, out var error) is { } status)
                _incoming.Add(new(source, status, SequenceNumber.Create(epoch, source.Offset)));
            else
                AddDeadLetter(source, error!.ToString());
        }
    }

    /// <summary>Events that do not say which conversation they belong to; rare, since connectors do.</summary>
    public IEnumerable<StatusEvent> Unresolved => _incoming.Where(i => i.Key is null).Select(i => i.Status);

    /// <summary>The conversations whose owners <see cref="Admit"/> needs.</summary>
    public IReadOnlyCollection<Guid> Conversations { get; private set; } = [];

    /// <summary>What goes into the timeline and the facts.</summary>
    public IReadOnlyList<StatusRecord> Records { get; private set; } = [];

    /// <summary>The messages whose state <see cref="Apply"/> needs, read after <see cref="Records"/> were written; each once.</summary>
    public IReadOnlyList<MessageKey> Keys { get; private set; } = [];

    /// <summary>Change rows, by number within each conversation.</summary>
    public IReadOnlyList<StatusChange> Changes => _changes;

    /// <summary>What to publish once the changes are written, in order.</summary>
    public IReadOnlyList<BusMessage> Frames => _frames;

    /// <summary>Statuses whose message nobody knows yet.</summary>
    public IReadOnlyList<ParkedStatus> Parked => _parked;

    /// <summary>Dead letters, and events that go back into the log under their conversation's key; acknowledged before the commit.</summary>
    public IReadOnlyList<NewEvent> Appends => _appends;

    /// <summary>What became of the events, for the metrics.</summary>
    public int DeadLetters { get; private set; }

    /// <summary>Events that were appended again under the right key.</summary>
    public int Rekeyed { get; private set; }

    /// <summary>
    /// Of those, events that came back to where they do not belong after they were keyed anew for as many partitions as we know of:
    /// we and whoever appended them see the topic differently.
    /// </summary>
    public int Displaced { get; private set; }

    /// <summary>Events that added no fact: their fact stands under an earlier number.</summary>
    public int Repeated { get; private set; }

    /// <summary>Events that can be read, for the log.</summary>
    public IReadOnlyList<Incoming> Incoming => _incoming;

    /// <summary>
    /// Fills in the conversations that were looked up. What lies in another partition than its conversation's goes back into the
    /// log under the right key; what belongs to a message that nobody knows is parked.
    /// </summary>
    /// <param name="find">The message that an event means, by its message id or the provider's; null where nobody knows it.</param>
    public void Resolve(Func<StatusEvent, MessageKey?> find)
    {
        foreach (var incoming in _incoming)
        {
            var looked = incoming.Key is null;
            if ((incoming.Key ?? find(incoming.Status)) is not { } key)
            {
                Park(incoming);
                continue;
            }
            var conversation = MessageIds.Format(key.ConversationId);
            if (looked || IsForeign(conversation))
            {
                Rekey(incoming, key, conversation);
                continue;
            }
            _admitted.Add(new(incoming, key));
        }
        Conversations = _admitted.Select(a => a.Key.ConversationId).ToHashSet();
    }

    /// <summary>
    /// Admits what does not contradict the store. An event may leave its organization out; it may not name another one than its
    /// conversation's. Where the conversation belongs to nobody yet, nothing can be said of it, and no message of it is known: the
    /// event waits, and is judged when it comes back.
    /// </summary>
    public void Admit(IReadOnlyDictionary<Guid, ConversationOwner> owners)
    {
        var keys = new HashSet<MessageKey>();
        foreach (var (incoming, key) in _admitted)
        {
            var status = incoming.Status;
            if (!owners.TryGetValue(key.ConversationId, out var owner))
            {
                Park(incoming);
                continue;
            }
            if (status.OrganizationId is { } claimed && claimed != owner.OrganizationId)
            {
                AddDeadLetter(incoming.Event, $"organizacao_id: conversation {key.ConversationId} belongs to another organization");
                continue;
            }
            var at = FactTime.Effective(status.Timestamp, incoming.Event.AppendedAt);
            var fact = new Fact(at, status.Status == StatusKind.Failed ? status.Reason : null, incoming.Seq);
            _recorded.Add((incoming, new(key, status.Status, fact, status.Channel, status.Timestamp, incoming.Event.AppendedAt, status.Joins)));
            keys.Add(key);
        }
        Records = [.. _recorded.Select(r => r.Record)];
        Keys = [.. keys];
    }

    /// <summary>
    /// Decides by what stands in the store now. An event whose fact stands under its own number (or under the number of the
    /// event that it brings back) is a change; one whose fact stands under an earlier number is in the timeline alone. One whose own
    /// fact stands under a number of an earlier epoch is a change too: whoever wrote that may have died before its change was written.
    /// </summary>
    public void Apply(IReadOnlyList<MessageState> states, Sequencer sequencer)
    {
        var byKey = states.ToDictionary(s => s.Key);
        foreach (var (incoming, record) in _recorded)
        {
            var state = byKey[record.Key];
            if (state.Message is not { } message)
            {
                Park(incoming);
                continue;
            }
            if (!IsChange(record, state.Facts[record.Kind]))
            {
                Repeated++;
                continue;
            }
            var change = new StatusChange(
                record.Key.ConversationId,
                record.Seq,
                record.Key.MessageId,
                state.Facts.Status,
                message.Channel,
                state.Facts.Decisive!.Value.At,
                state.Facts.Reason,
                record.AppendedAt);
            _changes.Add(change);
            var prev = sequencer.Advance(change.ConversationId, change.Seq);
            _frames.Add(new(
                change.ConversationId,
                StatusFrame.EncodeForBus(change, message.OrganizationId, prev, incoming.SampledTraceParent)));
        }
    }

    // After a new epoch an event that comes again has another number than its fact got before. Its change goes under the new one,
    // which is above all that a client can have seen; where the old one was written too, it says the same once more.
    private static bool IsChange(StatusRecord record, in Fact? standing) =>
        FactVerdicts.Compare(record.Fact, record.Joins, standing) switch
        {
            FactVerdict.Stands or FactVerdict.Joins => true,
            FactVerdict.Copy => SequenceNumber.Epoch(standing!.Value.Seq) < SequenceNumber.Epoch(record.Seq),
            _ => false,
        };

    // Numbers are of one partition: what lies elsewhere gets none, whoever put it there, or it would take another event's number.
    private bool IsForeign(string conversation) => _topic.PartitionOf(conversation) != _partition.Partition;

    private string RekeyedFor => _topic.Partitions.ToString();

    private void Park(Incoming incoming) => _parked.Add(new(
        incoming.Status.MessageId is { } id
            ? ParkedStatuses.SubjectOf(id)
            : ParkedStatuses.SubjectOf(incoming.Status.Channel, incoming.Status.ProviderMessageId!),
        incoming.Status.ConversationId is null ? SequenceNumber.InPartition(_partition.Partition, incoming.Seq) : incoming.Seq,
        incoming.Event.Value,
        incoming.Event.AppendedAt));

    private void Rekey(Incoming incoming, MessageKey key, string conversation)
    {
        var status = incoming.Status with { MessageId = key.MessageId, ConversationId = key.ConversationId };
        // The time that counts is the first append's, not the second's, where the provider gave none.
        status = status with { Timestamp = FactTime.Effective(status.Timestamp, incoming.Event.AppendedAt) };
        _appends.Add(new(
            Topics.Status,
            conversation,
            StatusEventJson.Write(status),
            [.. incoming.Event.Headers.Where(h => h.Name != HeaderNames.Rekeyed), new(HeaderNames.Rekeyed, RekeyedFor)]));
        Rekeyed++;
        if (incoming.Key is not null && incoming.Event.Header(HeaderNames.Rekeyed) == RekeyedFor) Displaced++;
    }

    private void AddDeadLetter(LogEvent source, string reason)
    {
        _appends.Add(Chat.Core.Log.DeadLetters.From(_partition, source, reason));
        DeadLetters++;
    }

    private readonly record struct Admitted(Incoming Incoming, MessageKey Key);
}
