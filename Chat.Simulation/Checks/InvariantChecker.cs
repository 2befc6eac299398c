using System.Text;
using Chat.Core.Bus;
using Chat.Core.Channels;
using Chat.Core.Events;
using Chat.Core.Frames;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Statuses;
using Chat.Simulation.Engines;

namespace Chat.Simulation.Checks;

/// <summary>
/// Notes every event that the log took, every 202, every hand-over and every publish, from outside the services, and checks what must
/// hold because of them: at each publish, at each commit, and at the end.
/// </summary>
public sealed class InvariantChecker
{
    private readonly World _world;
    private readonly Dictionary<Guid, Message> _accepted = [];
    private readonly Dictionary<Guid, int> _taken = [];
    private readonly Dictionary<Guid, IReadOnlyList<StatusKind>> _handedOver = [];
    private readonly HashSet<(Guid Conversation, long Seq)> _attempted = [];
    private readonly HashSet<(string Topic, int Partition, long Offset)> _deadLetters = [];
    private readonly HashSet<(string Subject, long Offset)> _givenUp = [];
    private readonly HashSet<(Guid Message, StatusKind Kind)> _reported = [];
    private readonly HashSet<(Guid Message, StatusKind Kind, DateTimeOffset At, string? Reason)> _statuses = [];
    private readonly HashSet<Guid> _outbound = [];
    private readonly HashSet<(Guid Message, long? Joins, StatusKind Kind)> _joined = [];
    private readonly HashSet<(string Subject, long Seq, string Value)> _everParked = [];

    public InvariantChecker(World world)
    {
        _world = world;
        Organizations = [world.Random.NextGuid(), world.Random.NextGuid()];
        world.Log.Appended = OnAppended;
        world.Log.Committed = OnCommitted;
        world.Bus.Attempted = OnAttempted;
        world.Store.ParkedOne = p => _everParked.Add((p.Subject, p.Seq, TextOf(p.Value)));
    }

    /// <summary>Two: the owner of most conversations, and one that tries to read them.</summary>
    public IReadOnlyList<Guid> Organizations { get; }

    public int Events => _world.Log.Topic(Topics.Status).Partitions.Sum(p => p.Events.Count);

    public void Accepted(Message message) => _accepted[message.MessageId] = message;

    public void HandedOver(Guid messageId, IEnumerable<StatusKind> plan) => _handedOver[messageId] = [.. plan];

    private int Epoch => _world.Store.LatestEpoch(Topics.Status)?.Number ?? 1;

    private void OnAppended(TopicPartition partition, LogEvent appended)
    {
        if (appended.Header(HeaderNames.DeadLetterTopic) is { } from)
        {
            var offset = long.Parse(appended.Header(HeaderNames.DeadLetterOffset)!);
            if (string.IsNullOrEmpty(appended.Header(HeaderNames.DeadLetterReason)))
                _world.Violation($"A dead letter of {from} has no reason");
            if (appended.Header(HeaderNames.DeadLetterPartition) is { } number) _deadLetters.Add((from, int.Parse(number), offset));
            else _givenUp.Add((appended.Key!, offset));
        }
        else if (partition.Topic == Topics.Messages)
        {
            if (MessageEventJson.TryRead(appended.Value.Span, out _) is { } taken) _taken.TryAdd(taken.MessageId, _taken.Count);
        }
        else if (partition.Topic == Topics.Status && StatusEventJson.TryRead(appended.Value.Span, out _) is { } status)
        {
            if (status.MessageId is not { } id) return;
            _reported.Add((id, status.Status));
            if (status.ConversationId is not null) _joined.Add((id, status.Joins, status.Status));
            if (status.ConversationId is not null)
                _statuses.Add((id, status.Status, FactTime.Effective(status.Timestamp, appended.AppendedAt, id), status.FailureReason));
        }
        else if (ChannelCatalog.Names.Any(c => partition.Topic == Topics.Outbound(c))
            && MessageEventJson.TryRead(appended.Value.Span, out _) is { } message)
        {
            _outbound.Add(message.MessageId);
        }
    }

    /// <summary>A conversation's messages, as pages one after the other showed them, are in the order in which the log took them.</summary>
    public void CheckOrder(Guid conversation, IReadOnlyList<Guid> newestFirst)
    {
        for (var i = 1; i < newestFirst.Count; i++)
        {
            var (newer, older) = (newestFirst[i - 1], newestFirst[i]);
            if (_taken[newer] <= _taken[older])
                _world.Violation($"Pages of {conversation} show {newer} as newer than {older}, which the log took later");
        }
    }

    private void OnAttempted(BusMessage message)
    {
        if (BusPayload.TryRead(message.Payload) is not { Seq: { } seq } payload) return;
        _attempted.Add((message.ConversationId, seq));
        _world.Scheduler.Note((ulong)seq);
        _world.TraceWriter.Write(_world.Scheduler.World, $"bus: {message.ConversationId} {message.Payload}");
        if (!_world.Store.HasChange(message.ConversationId, seq))
            _world.Violation($"{seq} of {message.ConversationId} was published and the store has no change row of it");
        if (payload.MessageId is { } id && _world.Store.StateOf(new(message.ConversationId, id)).Facts.Status == MessageStatus.Accepted)
            _world.Violation($"{seq} of {message.ConversationId} was published and the store has no fact of {id}");
    }

    /// <summary>What a group commits must have been carried out.</summary>
    private void OnCommitted(ConsumerGroup group, TopicPartition partition, long from, long next)
    {
        foreach (var done in _world.Log.Topic(partition.Topic).Partitions[partition.Partition].Events)
        {
            if (done.Offset < from || done.Offset >= next) continue;
            var missing = partition.Topic == Topics.Status ? MissingOfStatus(partition, done)
                : partition.Topic == Topics.Messages ? MissingOfMessage(partition, done)
                : MissingOfOutbound(partition, done);
            if (missing is not null) _world.Violation($"{group.Group} committed {partition}@{done.Offset}, and {missing}");
        }
    }

    private string? MissingOfMessage(TopicPartition partition, LogEvent done)
    {
        if (_deadLetters.Contains((partition.Topic, partition.Partition, done.Offset))) return null;
        if (MessageEventJson.TryRead(done.Value.Span, out var error) is not { } message)
            return $"it is unreadable and no dead letter: {error}";
        if (!_world.Store.Messages.ContainsKey(message.MessageId)) return "its message is not in the store";
        return _outbound.Contains(message.MessageId) ? null : "its message is not in the connector's topic";
    }

    private string? MissingOfOutbound(TopicPartition partition, LogEvent done)
    {
        if (_deadLetters.Contains((partition.Topic, partition.Partition, done.Offset))) return null;
        if (MessageEventJson.TryRead(done.Value.Span, out _) is not { } message) return "it is unreadable and no dead letter";
        if (!_handedOver.TryGetValue(message.MessageId, out var plan)) return "its message was not handed over";
        return plan.All(kind => _reported.Contains((message.MessageId, kind))) ? null : "not all its statuses are in the log";
    }

    private string? MissingOfStatus(TopicPartition partition, LogEvent done)
    {
        if (_deadLetters.Contains((partition.Topic, partition.Partition, done.Offset))) return null;
        if (StatusEventJson.TryRead(done.Value.Span, out _) is not { } status) return "it is unreadable and no dead letter";
        // It has one number in each epoch that it was delivered in.
        var numbers = Enumerable.Range(1, Epoch).Select(epoch => SequenceNumber.Create(epoch, done.Offset)).ToList();
        var subject = SubjectOf(status);
        if (numbers.Any(seq => _everParked.Contains((subject, ParkedAs(seq), TextOf(done.Value))))) return null;
        var key = KeyOf(status);
        if (key is null || IsForeign(partition, key.Value))
            return WasRekeyed(status, done) ? null : "it has another key and was not appended again";
        // Whether it counts in this partition or was appended again depends on when it was read: CheckEnd sees the result.
        if (IsMoved(partition, key.Value)) return null;
        if (_world.Store.Owners.TryGetValue(key.Value.ConversationId, out var owner)
            && status.OrganizationId is { } organization && organization != owner.OrganizationId)
        {
            return "it is another organization's and no dead letter";
        }
        var at = FactTime.Effective(status.Timestamp, done.AppendedAt, key.Value.MessageId);
        var fact = new Fact(at, status.FailureReason, numbers[^1]);
        if (_world.Store.StateOf(key.Value).Facts[status.Status] is not { } standing || !standing.Covers(fact))
            return "its fact is not in the store";
        if (!numbers.Append(status.Joins ?? 0).Any(seq => seq == standing.Seq || seq == standing.Why?.Seq)) return null;
        if (!numbers.Exists(seq => _world.Store.HasChange(key.Value.ConversationId, seq)))
        {
            // The event that it repeats was delivered again after this one, which was then a copy of another that repeats it.
            return status.Joins is { } joins && _world.Store.HasChange(key.Value.ConversationId, joins) ? null : "it has no change row";
        }
        return numbers.Exists(seq => _attempted.Contains((key.Value.ConversationId, seq))) ? null : "nobody tried to publish it";

        long ParkedAs(long seq) => SequenceNumber.InPartition(partition.Partition, seq);
    }

    private bool WasRekeyed(StatusEvent status, LogEvent done)
    {
        var at = FactTime.Effective(status.Timestamp, done.AppendedAt, status.MessageId);
        return status.MessageId is { } id
            ? _statuses.Contains((id, status.Status, at, status.FailureReason))
            : _statuses.Any(s => s.Kind == status.Status && s.At == at);
    }

    // --- The end ---

    /// <summary>All that must hold once everything is quiet.</summary>
    public void CheckEnd()
    {
        CheckLag();
        CheckMessages();
        CheckFacts();
        CheckParked();
        foreach (var user in _world.Users) user.CheckEnd();
    }

    /// <summary>Whether a group has not committed all there is.</summary>
    public bool IsBehind => Lags().Any();

    private void CheckLag()
    {
        foreach (var (group, partition, end) in Lags())
            _world.Violation($"{group.Id.Group} is at {group.CommittedOf(partition)} of {end} in {group.Topic.Name}[{partition}]");
    }

    private IEnumerable<(SimGroup Group, int Partition, long End)> Lags() =>
        from grp in _world.Log.Groups
        from number in Enumerable.Range(0, grp.Topic.Partitions.Count)
        let end = grp.Topic.Partitions[number].Events is [.., var last] ? last.Offset + 1 : 0
        where grp.CommittedOf(number) < end
        select (grp, number, end);

    private void CheckMessages()
    {
        foreach (var message in _accepted.Values)
        {
            if (!_world.Store.Messages.TryGetValue(message.MessageId, out var stored))
                _world.Violation($"{message.MessageId} was accepted and is not in the store");
            else if (stored.ConversationId != message.ConversationId || stored.OrganizationId != message.OrganizationId)
                _world.Violation($"{message.MessageId} is not in its own conversation");
            if (!_handedOver.ContainsKey(message.MessageId)) _world.Violation($"{message.MessageId} was accepted and not handed over");
        }
    }

    /// <summary>The facts are the merge of all events in the log, in any order and however often they were written.</summary>
    private void CheckFacts()
    {
        var expected = new Dictionary<MessageKey, StatusFacts>();
        var topic = _world.Log.Topic(Topics.Status);
        for (var number = 0; number < topic.Partitions.Count; number++)
        {
            var partition = new TopicPartition(Topics.Status, number);
            foreach (var taken in topic.Partitions[number].Events)
            {
                if (MissingOfStatus(partition, taken) is { } missing) _world.Violation($"{partition}@{taken.Offset}: {missing}");
                if (StatusEventJson.TryRead(taken.Value.Span, out _) is not { } status) continue;
                if (KeyOf(status) is not { } key || IsForeign(partition, key)) continue;
                if (_world.Store.Owners.TryGetValue(key.ConversationId, out var owner) && status.OrganizationId is { } claimed
                    && claimed != owner.OrganizationId)
                {
                    continue;
                }
                if (_world.Store.StateOf(key).Message is null) continue;
                var at = FactTime.Effective(status.Timestamp, taken.AppendedAt, key.MessageId);
                var fact = new Fact(at, status.FailureReason, SequenceNumber.Create(Epoch, taken.Offset));
                expected[key] = expected.GetValueOrDefault(key).With(status.Status, fact);
            }
        }
        foreach (var message in _world.Store.Messages.Values)
        {
            var key = new MessageKey(message.ConversationId, message.MessageId);
            var (wanted, stored) = (expected.GetValueOrDefault(key), _world.Store.StateOf(key).Facts);
            foreach (var kind in Enum.GetValues<StatusKind>())
            {
                if (wanted[kind]?.At != stored[kind]?.At || wanted[kind]?.Reason != stored[kind]?.Reason)
                {
                    var (actual, right) = (stored[kind]?.ToString() ?? "not known", wanted[kind]?.ToString() ?? "not known");
                    _world.Violation($"{kind} of {key.MessageId} is {actual} and should be {right}");
                }
            }
        }
    }

    /// <summary>A parked status waits for a message that did not come; one that waits no longer was joined, or is a dead letter.</summary>
    private void CheckParked()
    {
        foreach (var parked in _world.Store.Parked.Values)
        {
            var status = StatusEventJson.TryRead(parked.Value.Span, out _)!;
            // Left behind by a worker that died after parking it, or that parked it after it was joined or counted by the next owner: the
            // sweeper appends it again when its time is up, and nothing is lost.
            if (status.MessageId is { } id && _world.Store.FindKey(id) is not null
                && !CameBack(status, id, parked.Seq) && !Counts(status, parked.Seq) && !IsDeadLetter(parked))
            {
                _world.Violation($"{parked.Subject} still waits at {parked.Seq}, and its message is there");
            }
        }
        foreach (var (subject, seq, value) in _everParked)
        {
            if (_world.Store.Parked.TryGetValue((subject, seq), out var waiting) && TextOf(waiting.Value) == value) continue;
            if (_givenUp.Contains((subject, SequenceNumber.Offset(seq)))) continue;
            var status = StatusEventJson.TryRead(Encoding.UTF8.GetBytes(value), out _)!;
            if (status.MessageId is { } id && !CameBack(status, id, seq))
                _world.Violation($"{subject} at {seq} was parked and never came back");
        }
    }

    /// <summary>
    /// Whether its fact is in the store, and where that is this event's own, its change too: under its own number, or under one of a
    /// later epoch, if it was redelivered or appended again under its conversation's key.
    /// </summary>
    private bool Counts(StatusEvent status, long seq) => KeyOf(status) is { } key
        && _world.Store.StateOf(key).Facts[status.Status] is { } standing
        && (standing.Seq != seq
            || _world.Store.HasChange(key.ConversationId, seq)
            || _world.Store.ChangesOf(key).Any(c => SequenceNumber.Epoch(c.Seq) > SequenceNumber.Epoch(seq)));

    /// <summary>
    /// Whether it was parked before its conversation had an owner, by a worker that died, and is a dead letter since: another
    /// organization's.
    /// </summary>
    private bool IsDeadLetter(ParkedStatus parked) => _deadLetters.Any(d => d.Topic == Topics.Status
        && d.Offset == SequenceNumber.Offset(parked.Seq)
        && _world.Log.Topic(d.Topic).Partitions[d.Partition].Events
            .Exists(e => e.Offset == d.Offset && TextOf(e.Value) == TextOf(parked.Value)));

    private bool CameBack(StatusEvent status, Guid messageId, long seq) =>
        _joined.Contains((messageId, status.Joins ?? JoinsOf(status, seq), status.Status));

    private static long? JoinsOf(StatusEvent status, long seq) =>
        status.ConversationId is null ? null : SequenceNumber.WithoutPartition(seq);

    /// <summary>Whether the partition never was that of its conversation.</summary>
    private bool IsForeign(TopicPartition partition, MessageKey key) => !IsHomeIn(partition, key).Contains(true);

    /// <summary>Whether the partition was that of its conversation for some time, or is only now.</summary>
    private bool IsMoved(TopicPartition partition, MessageKey key) => IsHomeIn(partition, key).Distinct().Count() > 1;

    private IEnumerable<bool> IsHomeIn(TopicPartition partition, MessageKey key) => _world.Log.Topic(Topics.Status).Descriptions
        .Select(topic => topic.PartitionOf(MessageIds.Format(key.ConversationId)) == partition.Partition);

    private static MessageKey? KeyOf(StatusEvent status) =>
        status is { MessageId: { } message, ConversationId: { } conversation } ? new(conversation, message) : null;

    private static string SubjectOf(StatusEvent status) => status.MessageId is { } id
        ? ParkedStatuses.SubjectOf(id)
        : ParkedStatuses.SubjectOf(status.Channel, status.ProviderMessageId!);

    private static string TextOf(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);
}
