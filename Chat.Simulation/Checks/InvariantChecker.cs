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
using Chat.Simulation.Nodes;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Checks;

/// <summary>
/// Notes every event that the log took, every 202, every hand-over and every publish, from outside the services, and checks what must
/// hold because of them: at each publish, at each commit, and at the end.
/// </summary>
public sealed class InvariantChecker
{
    /// <summary>What a status event says, whichever place of the log it has.</summary>
    private readonly record struct Report(Guid Message, StatusKind? Kind, DateTimeOffset At, string? Reason);

    private readonly World _world;
    private readonly LossChecker _losses;
    private readonly Dictionary<Guid, Message> _accepted = [];
    private readonly Dictionary<Guid, int> _taken = [];
    private readonly Dictionary<Guid, IReadOnlyList<StatusKind>> _handedOver = [];
    private readonly HashSet<(Guid Conversation, long Seq)> _attempted = [];
    private readonly HashSet<(string Topic, int Partition, long Offset)> _deadLetters = [];
    private readonly HashSet<(string Subject, long Offset)> _givenUp = [];
    private readonly HashSet<(Guid Message, StatusKind? Kind)> _reported = [];
    private readonly HashSet<Report> _statuses = [];
    private readonly HashSet<Guid> _outbound = [];
    private readonly Dictionary<MessageKey, StatusFacts> _expected = [];
    private readonly HashSet<Guid> _messagesAside = [];
    private readonly HashSet<Report> _aside = [];
    private readonly HashSet<(Guid Message, long? Joins, StatusKind? Kind)> _joined = [];
    private readonly HashSet<(string Subject, long Seq, string Value)> _everParked = [];

    public InvariantChecker(World world)
    {
        (_world, _losses) = (world, new(world));
        Organizations = [world.Random.NextGuid(), world.Random.NextGuid()];
        world.Log.Appended = OnAppended;
        world.Log.Committed = OnCommitted;
        world.Bus.Attempted = OnAttempted;
        world.Store.ParkedOne = p => _everParked.Add((p.Subject, p.Seq, TextOf(p.Value)));
    }

    /// <summary>Two: the owner of most conversations, and one that tries to read them.</summary>
    public IReadOnlyList<Guid> Organizations { get; }

    /// <summary>Pointers among the dead letters.</summary>
    public int Pointers { get; private set; }

    public int Events => _world.Log.Topic(Topics.Status).Partitions.Sum(p => p.Events.Count);

    /// <summary>Whether a message may be announced to nobody: what announces it was put aside, or may have been.</summary>
    public bool MayStayUnannounced(Guid messageId) =>
        _messagesAside.Contains(messageId) || _aside.Any(a => a.Message == messageId && a.Kind is null);

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
            if (appended.Header(HeaderNames.DeadLetterPartition) is not { } number) OnGivenUp(appended, offset);
            else OnPutAside(appended, new(from, int.Parse(number)), offset);
        }
        else if (partition.Topic == Topics.Messages)
        {
            if (MessageEventJson.TryRead(appended.Value.Span, out _) is { } taken) _taken.TryAdd(taken.MessageId, _taken.Count);
        }
        else if (partition.Topic == Topics.Status && StatusEventJson.TryRead(appended.Value.Span, out _) is { } status)
        {
            if (status.MessageId is not { } id) return;
            _reported.Add((id, status.Status));
            if (status.ConversationId is null) return;
            _joined.Add((id, status.Joins, status.Status));
            _statuses.Add(ReportOf(status, id, appended.AppendedAt));
        }
        else if (ChannelCatalog.Names.Any(c => partition.Topic == Topics.Outbound(c))
            && MessageEventJson.TryRead(appended.Value.Span, out _) is { } message)
        {
            _outbound.Add(message.MessageId);
        }
        else if (_world.AccountChecker is { } accounts && ChannelCatalog.Names.Any(c => partition.Topic == Topics.Inbound(c))
            && MessageEventJson.TryRead(appended.Value.Span, out _) is { } inbound)
        {
            accounts.CameIn(inbound);
        }
    }

    /// <summary>A conversation's messages, as pages showed them one after the other, are in the order of the log.</summary>
    public void CheckOrder(Guid conversation, IReadOnlyList<Guid> newestFirst)
    {
        // Of one that was appended again after retention took it, the order is that of the second.
        var ordered = newestFirst.Where(id => !_messagesAside.Contains(id)).ToList();
        foreach (var (newer, older) in ordered.Zip(ordered.Skip(1)))
        {
            if (_taken[newer] <= _taken[older])
                _world.Violation($"Pages of {conversation} show {newer} as newer than {older}, which the log took later");
        }
    }

    /// <summary>
    /// Retention took something that was not processed: it may have counted by half, and nobody sees to the rest.
    /// </summary>
    public void Lost(TopicPartition partition)
    {
        var state = _world.Log.Topic(partition.Topic).Partitions[partition.Partition];
        foreach (var source in state.Events.Where(e => state.Lost.Contains(e.Offset)))
        {
            if (MessageEventJson.TryRead(source.Value.Span, out _) is { } message) _messagesAside.Add(message.MessageId);
            if (StatusOf(partition, source) is { } status) NoteAside(status, source.AppendedAt);
        }
    }

    private void OnPutAside(LogEvent deadLetter, TopicPartition partition, long offset)
    {
        _deadLetters.Add((partition.Topic, partition.Partition, offset));
        var events = _world.Log.Topic(partition.Topic).Partitions[partition.Partition].Events;
        if (events.Find(e => e.Offset == offset) is not { } source) return;
        if (MessageEventJson.TryRead(source.Value.Span, out _) is { } message) _messagesAside.Add(message.MessageId);
        if (deadLetter.Header(HeaderNames.DeadLetterPointer) is null)
        {
            if (!IsWrong(partition, source)) _world.Violation($"{partition}@{offset} is a dead letter, and nothing is wrong with it");
            return;
        }
        Pointers++;
        if (StatusOf(partition, source) is { MessageId: not null } status) NoteAside(status, source.AppendedAt);
        if (_world.Log.IsDefective(partition, source))
        {
            if (_world.Log.Looks.GetValueOrDefault((partition, offset)) < RefusedEvents.Tries)
                _world.Violation($"{partition}@{offset} was put aside before it was tried {RefusedEvents.Tries} times");
        }
        else if (!HasRefused(partition, source)) _world.Violation($"{partition}@{offset} was put aside, and nothing of it was refused");
    }

    /// <summary>Whether an event can't be read, or contradicts what the store has of its conversation or its message.</summary>
    private bool IsWrong(TopicPartition partition, LogEvent source)
    {
        var text = source.Value.Span;
        if (partition.Topic == Topics.Status)
        {
            return StatusEventJson.TryRead(text, out _) is not { } status
                || (status.ConversationId is { } conversation && IsForeign(conversation, status.OrganizationId))
                || (KeyOf(status) is { } key && status.AccountId is { } account
                    && _world.Store.StateOf(key).Message is { } about && about.AccountId != account);
        }
        // A body that was signed is passed on, whatever it holds.
        if (ChannelCatalog.Names.Any(c => partition.Topic == Topics.Webhooks(c))) return false;
        return MessageEventJson.TryRead(text, out _) is not { } message
            || IsForeign(message.ConversationId, message.OrganizationId);
    }

    private bool IsForeign(Guid conversation, Guid? organization) => organization is not null
        && _world.Store.Owners.TryGetValue(conversation, out var owner) && owner.OrganizationId != organization;

    private void OnGivenUp(LogEvent deadLetter, long offset)
    {
        _givenUp.Add((deadLetter.Key!, offset));
        foreach (var (subject, seq, value) in _everParked)
        {
            if (subject != deadLetter.Key || SequenceNumber.Offset(seq) != offset) continue;
            var status = StatusEventJson.TryRead(Encoding.UTF8.GetBytes(value), out _)!;
            if (deadLetter.Header(HeaderNames.DeadLetterAppendedAt) is not { } text) continue;
            var at = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(text));
            NoteAside(status, at);
            // Or its message came, and it contradicts that.
            if (deadLetter.Header(HeaderNames.DeadLetterReason)?.Contains("no message came", StringComparison.Ordinal) is true
                && WaitedFor(at) < StatusNode.ParkedLifetimeOf(_world) - _world.Plan.ClocksApart)
                _world.Violation($"{subject} at {seq} was given up before its time");
        }
    }

    private TimeSpan WaitedFor(DateTimeOffset appendedAt) => SimTime.Start + _world.Scheduler.Now - appendedAt;

    private void NoteAside(StatusEvent status, DateTimeOffset appendedAt)
    {
        if (status.MessageId is { } id) _aside.Add(ReportOf(status, id, appendedAt));
    }

    private static Report ReportOf(StatusEvent status, Guid messageId, DateTimeOffset appendedAt) =>
        new(messageId, status.Status, FactTime.Effective(status.Timestamp, appendedAt, messageId), status.FailureReason);

    private bool HasRefused(TopicPartition partition, LogEvent source)
    {
        var refusals = _world.Refusals;
        if (refusals.HasRefused(Refusals.SubjectOf(source.Value.Span))) return true;
        // The router claims a message's conversation, and announces it; a connector reports a message's statuses.
        return MessageEventJson.TryRead(source.Value.Span, out _) is { } message
            && (partition.Topic == Topics.Messages
                ? refusals.HasRefused($"{message.ConversationId}")
                    || refusals.HasRefused(Refusals.SubjectOf(message.MessageId, null))
                : refusals.HasRefusedAny(message.MessageId));
    }

    private static StatusEvent? StatusOf(TopicPartition partition, LogEvent source) =>
        partition.Topic == Topics.Status ? StatusEventJson.TryRead(source.Value.Span, out _) : null;

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
            if (done.Offset < from || done.Offset >= next || _losses.IsLost(partition, done.Offset)) continue;
            var missing = partition.Topic == Topics.Status ? MissingOfStatus(partition, done)
                : partition.Topic == Topics.Messages ? MissingOfMessage(partition, done)
                : ChannelCatalog.Names.FirstOrDefault(c => partition.Topic == Topics.Webhooks(c)) is { } channel
                    ? _world.AccountChecker!.MissingOfWebhook(channel, done)
                : ChannelCatalog.Names.Any(c => partition.Topic == Topics.Inbound(c)) ? MissingOfInbound(partition, done)
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
        if (!_reported.Contains((message.MessageId, null))) return "its message was not announced";
        // What the provider has an id of came from there, or was sent there by other means.
        return message.ProviderMessageId is not null || _outbound.Contains(message.MessageId)
            ? null
            : "its message is not in the connector's topic";
    }

    private string? MissingOfInbound(TopicPartition partition, LogEvent done) =>
        _deadLetters.Contains((partition.Topic, partition.Partition, done.Offset))
        || (MessageEventJson.TryRead(done.Value.Span, out _) is { } message && _taken.ContainsKey(message.MessageId))
            ? null
            : "its message is not in the log of messages";

    private string? MissingOfOutbound(TopicPartition partition, LogEvent done)
    {
        if (_deadLetters.Contains((partition.Topic, partition.Partition, done.Offset))) return null;
        if (MessageEventJson.TryRead(done.Value.Span, out _) is not { } message) return "it is unreadable and no dead letter";
        if (message.AccountId is not null)
        {
            return _reported.Contains((message.MessageId, StatusKind.Failed)) ? null : _world.AccountChecker!.MissingOfOutbound(message);
        }
        if (!_handedOver.TryGetValue(message.MessageId, out var plan)) return "its message was not handed over";
        return plan.All(kind => _reported.Contains((message.MessageId, kind))) ? null : "not all its statuses are in the log";
    }

    private string? MissingOfStatus(TopicPartition partition, LogEvent done)
    {
        if (_deadLetters.Contains((partition.Topic, partition.Partition, done.Offset))) return null;
        if (StatusEventJson.TryRead(done.Value.Span, out _) is not { } status) return "it is unreadable and no dead letter";
        // It has one number in each epoch that it was delivered in.
        var numbers = Enumerable.Range(1, Epoch).Select(epoch => SequenceNumber.Create(epoch, done.Offset)).ToList();
        var subject = ParkedStatuses.SubjectOf(status);
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
        if (_world.Store.StateOf(key.Value).FactOf(status.Status) is not { } standing || !standing.Covers(fact))
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
        if (status.MessageId is { } id) return _statuses.Contains(ReportOf(status, id, done.AppendedAt));
        var at = FactTime.Effective(status.Timestamp, done.AppendedAt, null);
        return _statuses.Any(s => s.Kind == status.Status && s.At == at);
    }

    // --- The end ---

    /// <summary>All that must hold once everything is quiet.</summary>
    public void CheckEnd()
    {
        CheckLag();
        _losses.CheckEnd();
        CheckMessages();
        CheckFacts();
        CheckAnnouncements();
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
        foreach (var message in _world.Store.Messages.Values)
        {
            if (IsForeign(message.ConversationId, message.OrganizationId))
                _world.Violation($"{message.MessageId} is in the conversation of another organization than its own");
        }
        foreach (var message in _accepted.Values)
        {
            // Refused by the store, by the log on the way to its connector, or by the ledger, and listed as a pointer.
            if (_messagesAside.Contains(message.MessageId)) continue;
            if (!_world.Store.Messages.TryGetValue(message.MessageId, out var stored))
                _world.Violation($"{message.MessageId} was accepted and is not in the store");
            else if (stored.ConversationId != message.ConversationId || stored.OrganizationId != message.OrganizationId)
                _world.Violation($"{message.MessageId} is not in its own conversation");
            if (message.AccountId is null && !_handedOver.ContainsKey(message.MessageId))
                _world.Violation($"{message.MessageId} was accepted and not handed over");
        }
    }

    /// <summary>The facts are the merge of all events in the log, in any order and however often they were written.</summary>
    private void CheckFacts()
    {
        _expected.Clear();
        var topic = _world.Log.Topic(Topics.Status);
        for (var number = 0; number < topic.Partitions.Count; number++)
        {
            var partition = new TopicPartition(Topics.Status, number);
            foreach (var taken in topic.Partitions[number].Events)
            {
                if (_losses.IsLost(partition, taken.Offset)) continue;
                if (MissingOfStatus(partition, taken) is { } missing) _world.Violation($"{partition}@{taken.Offset}: {missing}");
                if (StatusEventJson.TryRead(taken.Value.Span, out _) is not { } status) continue;
                if (KeyOf(status) is not { } key || IsForeign(partition, key)) continue;
                if (_world.Store.Owners.TryGetValue(key.ConversationId, out var owner) && status.OrganizationId is { } claimed
                    && claimed != owner.OrganizationId)
                {
                    continue;
                }
                if (_world.Store.StateOf(key).Message is not { } message) continue;
                if (status.AccountId is { } account && account != message.AccountId) continue;
                if (_deadLetters.Contains((Topics.Status, number, taken.Offset))) continue;
                // Retention took the message between the router's write of it and its look for what is parked.
                if (_messagesAside.Contains(key.MessageId) && IsParked(status, number, taken)) NoteAside(status, taken.AppendedAt);
                // Itself, or what it became under its conversation's key or with its message, was put aside or lost.
                if (_aside.Contains(ReportOf(status, key.MessageId, taken.AppendedAt))) continue;
                var at = FactTime.Effective(status.Timestamp, taken.AppendedAt, key.MessageId);
                var fact = new Fact(at, status.FailureReason, SequenceNumber.Create(Epoch, taken.Offset));
                if (status.Status is { } kind) _expected[key] = _expected.GetValueOrDefault(key).With(kind, fact);
            }
        }
        foreach (var message in _world.Store.Messages.Values)
        {
            var key = new MessageKey(message.ConversationId, message.MessageId);
            var (wanted, stored) = (_expected.GetValueOrDefault(key), _world.Store.StateOf(key).Facts);
            foreach (var kind in Enum.GetValues<StatusKind>())
            {
                if (!PossibleFacts(key, kind).Any(p => p?.At == stored[kind]?.At && p?.Reason == stored[kind]?.Reason))
                {
                    var (actual, right) = (stored[kind]?.ToString() ?? "not known", wanted[kind]?.ToString() ?? "not known");
                    _world.Violation($"{kind} of {key.MessageId} is {actual} and should be {right}");
                }
            }
        }
    }

    /// <summary>However often a message is announced, it is one change; in a new epoch it may be another one.</summary>
    private void CheckAnnouncements()
    {
        foreach (var message in _world.Store.EverAnnounced.GroupBy(a => (a.Message, Epoch: SequenceNumber.Epoch(a.Seq))))
        {
            // Whoever lost one of them to retention may have had it all the same, and be later than the owner of the next.
            if (message.Key.Epoch == 1 && message.Count() > 1 && !MayStayUnannounced(message.Key.Message))
                _world.Violation($"{message.Key.Message} was announced {message.Count()} times: {string.Join(", ", message)}");
        }
    }

    /// <summary>Whether it waits, in any epoch, until the sweeper appends it again when its time is up.</summary>
    private bool IsParked(StatusEvent status, int partition, LogEvent taken) => Enumerable.Range(1, Epoch)
        .Select(epoch => SequenceNumber.InPartition(partition, SequenceNumber.Create(epoch, taken.Offset)))
        .Any(seq => _world.Store.Parked.TryGetValue((ParkedStatuses.SubjectOf(status), seq), out var parked)
            && TextOf(parked.Value) == TextOf(taken.Value));

    /// <summary>Whether an event was put aside that may have been recorded before.</summary>
    public bool HasAside(Guid messageId, StatusKind kind) => RecordedAside(messageId, kind).Any();

    /// <summary>
    /// What the store may hold: the merge of all events that were processed, and of any of those that were put aside after they were
    /// recorded. Such a one came before its message, and what the store or the log refused was to park it or to bring it
    /// back; or retention took the rest of the work. Nobody publishes it, and pages show it.
    /// </summary>
    public IReadOnlyCollection<Fact?> PossibleFacts(MessageKey key, StatusKind kind)
    {
        var possible = new HashSet<Fact?> { _expected.GetValueOrDefault(key)[kind] };
        foreach (var (at, reason) in RecordedAside(key.MessageId, kind))
        {
            // Of two of the same time the lower number stays, and this one's is not known.
            foreach (var fact in possible.ToArray())
            {
                possible.Add(Fact.Merge(fact, new Fact(at, reason, 0)));
                possible.Add(Fact.Merge(fact, new Fact(at, reason, long.MaxValue)));
            }
        }
        return possible;
    }

    private IEnumerable<(DateTimeOffset At, string? Reason)> RecordedAside(Guid messageId, StatusKind kind) => _aside
        .Where(a => a.Message == messageId && a.Kind == kind)
        // One that the store refuses to record can't be there.
        .Where(a => !_world.Refusals.Decide(SimStore.RecordStatuses, SimStore.ItemOf(messageId, kind, new Fact(a.At, a.Reason, 0))))
        .Select(a => (a.At, a.Reason));

    /// <summary>A parked status waits for a message that did not come; one that waits no longer was joined, or is a dead letter.</summary>
    private void CheckParked()
    {
        foreach (var parked in _world.Store.Parked.Values)
        {
            var status = StatusEventJson.TryRead(parked.Value.Span, out _)!;
            // Left behind by a worker that died after parking it, or that parked it after it was joined or counted by the next owner: the
            // sweeper appends it again when its time is up, and nothing is lost.
            if (status.MessageId is { } id && _world.Store.FindKey(id) is not null
                && !CameBack(status, id, parked.Seq) && !Counts(status, parked.Seq) && !IsDeadLetter(parked)
                && !_givenUp.Contains((parked.Subject, SequenceNumber.Offset(parked.Seq)))
                && !_messagesAside.Contains(id) && !_aside.Contains(ReportOf(status, id, parked.AppendedAt)))
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
        && _world.Store.StateOf(key).FactOf(status.Status) is { } standing
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

    private static string TextOf(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);
}
