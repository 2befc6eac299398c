using Chat.Core.Conversations;
using Chat.Core.Idempotency;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Simulation.Engines;

/// <summary>What the store holds: what survives everything. One moment's effects, without waiting.</summary>
public sealed class StoreState
{
    private readonly Dictionary<Guid, SortedDictionary<long, StatusChange>> _changes = [];
    private readonly Dictionary<Guid, long> _heads = [];
    private readonly Dictionary<(Guid, long), TimeSpan> _addedAt = [];
    private readonly Dictionary<Guid, long> _trimmed = [];
    private readonly Dictionary<MessageKey, SortedDictionary<long, StatusRecord>> _timelines = [];
    private readonly Dictionary<(string, string), int> _epochs = [];
    private readonly Dictionary<(Guid, Guid), bool> _posters = [];
    private readonly Dictionary<IdempotencyKey, IdempotencyRecord> _keys = [];
    private readonly Dictionary<ProviderId, MessageKey> _providerIds = [];

    public Dictionary<Guid, ConversationOwner> Owners { get; } = [];

    public Dictionary<Guid, Message> Messages { get; } = [];

    public Dictionary<MessageKey, StatusFacts> Facts { get; } = [];

    public Dictionary<MessageKey, Fact> Announced { get; } = [];

    public Dictionary<(string Subject, long Seq), ParkedStatus> Parked { get; } = [];

    public Dictionary<Guid, HandOver> HandOvers { get; } = [];

    public ChannelState Channels { get; } = new();

    /// <summary>Every change row of a status there ever was.</summary>
    public HashSet<(Guid Conversation, Guid Message, long Seq)> EverChanged { get; } = [];

    /// <summary>Every announcement there ever was.</summary>
    public HashSet<(Guid Conversation, Guid Message, long Seq)> EverAnnounced { get; } = [];

    public required Func<TimeSpan> Clock { get; init; }

    /// <summary>How far a replica's answers may be behind.</summary>
    public TimeSpan Lag { get; set; }

    /// <summary>Conversations that replicas can't read.</summary>
    public HashSet<Guid> Unreadable { get; } = [];

    /// <summary>Deliberate break: the last write of a fact stays, whatever its time.</summary>
    public bool OverwritesFacts { get; set; }

    /// <summary>Deliberate break: pages are in the order of ids.</summary>
    public bool OrdersById { get; set; }

    public ConversationOwner Claim(ConversationOwner claim) =>
        Owners.TryAdd(claim.ConversationId, claim) ? claim : Owners[claim.ConversationId];

    public void AddPoster(Guid conversation, Guid user) => _posters[(conversation, user)] = true;

    public bool HasPosted(Guid conversation, Guid user) => _posters.ContainsKey((conversation, user));

    public IdempotencyRecord ClaimKey(IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime)
    {
        if (_keys.TryGetValue(key, out var standing) && standing.CreatedAt >= record.CreatedAt - lifetime) return standing;
        return _keys[key] = record;
    }

    public void AddMessage(Message message) => Messages.TryAdd(message.MessageId, message);

    public MessageKey? FindKey(Guid messageId) =>
        Messages.TryGetValue(messageId, out var message) ? new(message.ConversationId, messageId) : null;

    public MessageState StateOf(MessageKey key) => new(
        key,
        Messages.TryGetValue(key.MessageId, out var message) && message.ConversationId == key.ConversationId ? message : null,
        Facts.GetValueOrDefault(key),
        Announced.TryGetValue(key, out var announced) ? announced : null);

    public IReadOnlyList<Message> MessagesOf(Guid conversation, Guid? before) =>
    [
        .. Messages.Values
            .Where(m => m.ConversationId == conversation)
            .OrderByDescending(m => OrdersById ? 0 : m.Position)
            .ThenByDescending(m => m.MessageId, Comparer<Guid>.Create(Compare))
            .SkipWhile(m => before is { } b && m.MessageId != b)
            .Skip(before is null ? 0 : 1),
    ];

    public void Record(StatusRecord record)
    {
        if (record.Kind is not { } kind)
        {
            Announced[record.Key] = Fact.Merge(Announced.TryGetValue(record.Key, out var known) ? known : null, record.Fact)!.Value;
            return;
        }
        var facts = Facts.GetValueOrDefault(record.Key);
        if (OverwritesFacts) facts = facts.Without(kind);
        Facts[record.Key] = facts.With(kind, record.Fact);
        if (!_timelines.TryGetValue(record.Key, out var timeline)) timeline = _timelines[record.Key] = [];
        timeline[record.Seq] = record;
    }

    public IReadOnlyList<StatusRecord> Timeline(MessageKey key) =>
        _timelines.TryGetValue(key, out var timeline) ? [.. timeline.Values] : [];

    public void AddChange(StatusChange change)
    {
        // A row past its time does not come back.
        if (_trimmed.TryGetValue(change.ConversationId, out var trimmed) && change.Seq <= trimmed) return;
        if (!_changes.TryGetValue(change.ConversationId, out var rows)) rows = _changes[change.ConversationId] = [];
        rows[change.Seq] = change;
        (change.IsAnnouncement ? EverAnnounced : EverChanged).Add((change.ConversationId, change.MessageId, change.Seq));
        _addedAt.TryAdd((change.ConversationId, change.Seq), Clock());
    }

    public void RaiseHead(Guid conversation, long seq) => _heads[conversation] = Math.Max(_heads.GetValueOrDefault(conversation), seq);

    public long? Head(Guid conversation) => _heads.TryGetValue(conversation, out var head) ? head : null;

    /// <summary>The highest number that a replica knows which is behind by so much.</summary>
    public long? Head(Guid conversation, TimeSpan lag)
    {
        if (lag == TimeSpan.Zero || Head(conversation) is not { } head) return Head(conversation);
        // In the order of the numbers, as rows become visible.
        var hidden = _addedAt.Where(a => a.Key.Item1 == conversation && a.Value > Clock() - lag).Select(a => a.Key.Item2).ToList();
        if (hidden.Count == 0) return head;
        var shown = _addedAt.Keys.Where(k => k.Item1 == conversation && k.Item2 < hidden.Min()).Select(k => k.Item2).ToList();
        return shown.Count == 0 ? null : shown.Max();
    }

    public IReadOnlyList<StatusChange> ChangesOf(Guid conversation, long since, int limit) =>
        _changes.TryGetValue(conversation, out var rows) ? [.. rows.Values.Where(c => c.Seq > since).Take(limit)] : [];

    public IEnumerable<StatusChange> ChangesOf(MessageKey key) =>
        _changes.TryGetValue(key.ConversationId, out var rows) ? rows.Values.Where(c => c.MessageId == key.MessageId) : [];

    public bool HasChange(Guid conversation, long seq) =>
        (_changes.TryGetValue(conversation, out var rows) && rows.ContainsKey(seq))
        || (_trimmed.TryGetValue(conversation, out var trimmed) && seq <= trimmed);

    public bool IsComplete(Guid conversation, long since) => since >= _trimmed.GetValueOrDefault(conversation);

    /// <summary>Retention: what was appended before a time goes.</summary>
    public int Trim(DateTimeOffset before)
    {
        var count = 0;
        foreach (var (conversation, rows) in _changes)
        {
            // By number, so that what is left has no hole.
            foreach (var row in rows.Values.TakeWhile(c => c.AppendedAt < before).ToList())
            {
                rows.Remove(row.Seq);
                _trimmed[conversation] = row.Seq;
                count++;
            }
        }
        return count;
    }

    public int ClaimEpoch(string topic, string identity)
    {
        if (_epochs.TryGetValue((topic, identity), out var epoch)) return epoch;
        return _epochs[(topic, identity)] = (LatestEpoch(topic)?.Number ?? 0) + 1;
    }

    public IReadOnlyList<ClaimedEpoch> ListEpochs(string topic) =>
        [.. _epochs.Where(e => e.Key.Item1 == topic).Select(e => new ClaimedEpoch(e.Value, e.Key.Item2)).OrderBy(e => e.Number)];

    public ClaimedEpoch? LatestEpoch(string topic) => _epochs
        .Where(e => e.Key.Item1 == topic)
        .Select(e => new ClaimedEpoch(e.Value, e.Key.Item2))
        .MaxBy(e => e.Number);

    /// <summary>Told of everything that is parked.</summary>
    public Action<ParkedStatus>? ParkedOne { get; set; }

    public void Park(ParkedStatus parked)
    {
        // A status parked again waits once: what stands stays.
        Parked.TryAdd((parked.Subject, parked.Seq), parked);
        ParkedOne?.Invoke(Parked[(parked.Subject, parked.Seq)]);
    }

    /// <summary>What was parked before a time, oldest first, after a place.</summary>
    public IEnumerable<ParkedStatus> ParkedBefore(DateTimeOffset before, ParkedPlace? after) => Parked.Values
        .Where(p => p.AppendedAt < before && (after is null || IsAfter(p, after)))
        .OrderBy(p => p.AppendedAt).ThenBy(p => p.Subject, StringComparer.Ordinal).ThenBy(p => p.Seq);

    private static bool IsAfter(ParkedStatus parked, ParkedPlace place)
    {
        if (parked.AppendedAt != place.AppendedAt) return parked.AppendedAt > place.AppendedAt;
        var bySubject = string.CompareOrdinal(parked.Subject, place.Subject);
        return bySubject > 0 || (bySubject == 0 && parked.Seq > place.Seq);
    }

    public HandOver HandOver(HandOver handOver)
    {
        if (HandOvers.TryGetValue(handOver.MessageId, out var standing))
        {
            handOver = standing with
            {
                At = standing.At < handOver.At ? standing.At : handOver.At,
                ProviderMessageId = standing.ProviderMessageId ?? handOver.ProviderMessageId,
            };
        }
        return HandOvers[handOver.MessageId] = handOver;
    }

    public void AddProviderId(ProviderId id, MessageKey key) => _providerIds.TryAdd(id, key);

    public MessageKey? FindByProviderId(ProviderId id) => _providerIds.TryGetValue(id, out var key) ? key : null;

    private static int Compare(Guid left, Guid right)
    {
        Span<byte> a = stackalloc byte[16], b = stackalloc byte[16];
        left.TryWriteBytes(a, bigEndian: true, out _);
        right.TryWriteBytes(b, bigEndian: true, out _);
        return a.SequenceCompareTo(b);
    }
}
