using System.Text;
using Chat.Core.Conversations;
using Chat.Core.Idempotency;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;

namespace Chat.Simulation.Engines;

/// <summary>
/// A process' client of the store. What is several rows is written and read row by row, each at a moment of its own, as far as the
/// port permits.
/// </summary>
public sealed partial class SimStore(StoreState state, Link link)
    : IConversationStore,
        IIdempotencyStore,
        IMessageStore,
        IStatusStore,
        IChangeStore,
        IEpochStore,
        IParkedStore,
        IHandOverLedger,
        IProviderIds
{
    /// <summary>What <see cref="Refusals"/> knows recording by.</summary>
    public const string RecordStatuses = "record statuses";

    public InjectedBug InjectedBug { get; init; }

    /// <summary>Its answers may be behind, and it may not be able to read some conversations.</summary>
    public bool IsReplica { get; init; }

    /// <summary>With <see cref="InjectedBug.CoveredMovesLast"/>: the highest number that was published of each conversation.</summary>
    public Dictionary<Guid, long> Published { get; init; } = [];

    private bool _parkedLast;

    public ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken) =>
        OneAsync(
            "claim conversation",
            $"{claim.ConversationId}",
            $"{claim.ConversationId}",
            () => InjectedBug == InjectedBug.ForeignMessageRouted
                ? state.Claim(claim) with { OrganizationId = claim.OrganizationId }
                : state.Claim(claim),
            cancellationToken);

    public async ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        _parkedLast = false;
        var found = new Dictionary<Guid, ConversationOwner>();
        if (conversationIds.Count == 0) return found;
        if (InjectedBug is InjectedBug.NoOwnerCheck or InjectedBug.ForeignMessageRouted) return found;
        return await link.CallAsync(
            "find owners",
            InParts(conversationIds, id =>
            {
                if (!state.Owners.TryGetValue(id, out var owner)) return;
                found[id] = InjectedBug == InjectedBug.OwnMessagePutAside ? owner with { OrganizationId = id } : owner;
            }),
            () => found,
            cancellationToken);
    }

    public ValueTask AddPosterAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
        link.CallAsync("add poster", [() => state.AddPoster(conversationId, userId)], cancellationToken);

    public ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
        link.CallAsync("has posted", () => state.HasPosted(conversationId, userId), cancellationToken);

    public ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken) =>
        OneAsync("claim key", key.ToString(), key.ToString(), () => state.ClaimKey(key, record, lifetime), cancellationToken);

    public ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken) =>
        WriteAsync("add messages", messages, m => ($"{m.MessageId}", $"{m.MessageId}"), state.AddMessage, cancellationToken);

    public async ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, MessageKey>();
        if (InjectedBug == InjectedBug.NoLookAfterParking && _parkedLast) return found;
        return await link.CallAsync(
            "find messages",
            InParts(messageIds, id =>
            {
                if (state.FindKey(id) is { } key) found[id] = key;
            }),
            () => found,
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        var states = new MessageState[keys.Count];
        return link.CallAsync<IReadOnlyList<MessageState>>(
            "get states",
            InParts(Enumerable.Range(0, keys.Count), i => states[i] = state.StateOf(keys[i])),
            () => [.. states],
            cancellationToken);
    }

    public ValueTask<MessagePage> ListMessagesAsync(Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken)
    {
        long head = 0;
        IReadOnlyList<Message> messages = [];
        var items = new List<MessageWithFacts>();
        var more = false;
        return link.CallAsync(
            "list messages",
            [
                () => head = state.Head(conversationId) ?? 0,
                () =>
                {
                    items.Clear();
                    messages = state.MessagesOf(conversationId, before);
                    more = messages.Count > limit;
                    messages = [.. messages.Take(limit)];
                },
                () => items.AddRange(messages.Take(messages.Count / 2).Select(WithFacts)),
            ],
            () =>
            {
                items.AddRange(messages.Skip(messages.Count / 2).Select(WithFacts));
                return new MessagePage(items, more ? messages[^1].MessageId : null, head);
            },
            cancellationToken);
    }

    /// <summary>Records and changes in no order between them, and then the heads; no changes where a record is refused.</summary>
    public async ValueTask RecordStatusesAsync(
        IReadOnlyList<StatusRecord> records, IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken)
    {
        if (InjectedBug == InjectedBug.PublishBeforePersist)
        {
            var late = StepsOf(changes).Concat(HeadsOf(changes)).ToList();
            link.Caller.Scheduler.After(link.Random.Milliseconds(1, 500), link.Caller, () =>
            {
                foreach (var step in late) step();
            });
            changes = [];
        }
        await link.CallAsync(
            RecordStatuses,
            records,
            r => link.FaultProfile.Refusals.Refuses(
                RecordStatuses, ItemOf(r.Key.MessageId, r.Kind, r.Fact), Refusals.SubjectOf(r.Key.MessageId, r.Kind)),
            taken => taken.Count < records.Count
                ? InParts(taken, state.Record)
                : [.. Mixed(InParts(taken, state.Record), StepsOf(changes)), .. HeadsOf(changes)],
            () => true,
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<StatusRecord>> ListTimelineAsync(MessageKey key, CancellationToken cancellationToken) =>
        link.CallAsync("list timeline", () => state.Timeline(key), cancellationToken);

    public ValueTask<ChangePage> ListChangesAsync(Guid conversationId, long since, int limit, CancellationToken cancellationToken)
    {
        long head = 0;
        var lag = DrawLag();
        var page = link.CallAsync(
            "list changes",
            [() => head = state.Head(conversationId, lag) ?? 0],
            () => CanRead(conversationId)
                ? new ChangePage(head, state.IsComplete(conversationId, since), Show(conversationId, since, limit, head))
                : null,
            cancellationToken);
        return Read(page);
    }

    private IReadOnlyList<StatusChange> Show(Guid conversationId, long since, int limit, long head)
    {
        var changes = state.ChangesOf(conversationId, since, limit);
        // The bug: what was published is taken for shown, whatever lies before it.
        var published = InjectedBug == InjectedBug.CoveredMovesLast ? Published.GetValueOrDefault(conversationId) : 0;
        return [.. changes.Where(c => c.Seq <= head || c.Seq == published)];
    }

    private TimeSpan DrawLag() =>
        IsReplica && state.Lag > TimeSpan.Zero && link.Random.Chance(0.5) ? link.Random.Span(TimeSpan.Zero, state.Lag) : TimeSpan.Zero;

    private bool CanRead(Guid conversationId) => !IsReplica || !state.Unreadable.Contains(conversationId);

    private static async ValueTask<T> Read<T>(ValueTask<T?> answer)
        where T : class => await answer ?? throw new EngineException("a conversation can't be read");

    public async ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        var heads = new Dictionary<Guid, long>();
        var lag = DrawLag();
        return await Read(link.CallAsync(
            "get heads",
            InParts(conversationIds, id =>
            {
                if (state.Head(id, lag) is { } head) heads[id] = head;
            }),
            () => conversationIds.All(CanRead) ? heads : null,
            cancellationToken));
    }

    public ValueTask<int> ClaimEpochAsync(string topic, string identity, CancellationToken cancellationToken) =>
        link.CallAsync("claim epoch", () => state.ClaimEpoch(topic, identity), cancellationToken);

    public ValueTask<ClaimedEpoch?> GetLatestEpochAsync(string topic, CancellationToken cancellationToken) =>
        link.CallAsync("latest epoch", () => state.LatestEpoch(topic), cancellationToken);

    public ValueTask<IReadOnlyList<ClaimedEpoch>> ListEpochsAsync(string topic, CancellationToken cancellationToken) =>
        link.CallAsync("list epochs", () => state.ListEpochs(topic), cancellationToken);

    public async ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
    {
        await WriteAsync(
            "park",
            statuses,
            s => ($"{s.Subject} {Encoding.UTF8.GetString(s.Value.Span)}", Refusals.SubjectOf(s.Value.Span)),
            state.Park,
            cancellationToken);
        _parkedLast = true;
    }

    public ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken)
    {
        if (InjectedBug is InjectedBug.NoLookForParked or InjectedBug.NoLookForParkedIds)
            return ValueTask.FromResult<IReadOnlyList<ParkedStatus>>([]);
        var found = new List<ParkedStatus>();
        return link.CallAsync<IReadOnlyList<ParkedStatus>>(
            "list parked",
            InParts(subjects, subject => found.AddRange(state.Parked.Values.Where(p => p.Subject == subject))),
            () => [.. found.OrderBy(p => p.Seq)],
            cancellationToken);
    }

    public ValueTask<ParkedPage> ListParkedBeforeAsync(
        DateTimeOffset before, ParkedPlace? after, int limit, CancellationToken cancellationToken) => link.CallAsync(
        "list parked before",
        () => ParkedPage.Of([.. state.ParkedBefore(before, after).Take(limit)], before, limit),
        cancellationToken);

    public ValueTask TidyParkedAsync(ParkedPlace through, CancellationToken cancellationToken) =>
        link.CallAsync("tidy parked", [], cancellationToken);

    public ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) =>
        link.CallAsync("unpark", InParts(statuses, s => state.Parked.Remove((s.Subject, s.Seq))), cancellationToken);

    public ValueTask<IReadOnlyList<HandOver>> RecordHandOversAsync(IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken)
    {
        var standing = new HandOver[handOvers.Count];
        return link.CallAsync<int, IReadOnlyList<HandOver>>(
            "record hand-overs",
            [.. Enumerable.Range(0, handOvers.Count)],
            i => link.FaultProfile.Refusals.Refuses(
                "record hand-overs", $"{handOvers[i].MessageId}", $"{handOvers[i].MessageId}"),
            some => InParts(some, i => standing[i] = state.HandOver(handOvers[i])),
            // With the bug of a batch that is dropped, as if it had been taken.
            () => [.. handOvers.Select((h, i) => standing[i] ?? h)],
            cancellationToken);
    }

    public ValueTask AddProviderIdAsync(ProviderId id, MessageKey key, CancellationToken cancellationToken) =>
        link.CallAsync("add provider id", [() => state.AddProviderId(id, key)], cancellationToken);

    public async ValueTask<IReadOnlyDictionary<ProviderId, MessageKey>> FindByProviderIdsAsync(
        IReadOnlyCollection<ProviderId> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<ProviderId, MessageKey>();
        return await link.CallAsync(
            "find by provider ids",
            InParts(ids, id =>
            {
                if (state.FindByProviderId(id) is { } key) found[id] = key;
            }),
            () => found,
            cancellationToken);
    }

    /// <summary>What of a status decides whether the store refuses it: not its number, which is another one in each epoch.</summary>
    public static string ItemOf(Guid messageId, StatusKind? kind, in Fact fact) => $"{messageId} {kind} {fact.At:O} {fact.Reason}";

    /// <summary>A call about one thing, which the engine may refuse.</summary>
    private ValueTask<T> OneAsync<T>(
        string what, string item, string subject, Func<T> answer, CancellationToken cancellationToken) =>
        link.CallAsync<string, T>(
            what, [item], one => link.FaultProfile.Refusals.Refuses(what, one, subject), _ => [], answer, cancellationToken);

    /// <summary>Writes several things, some of which the engine may refuse.</summary>
    private async ValueTask WriteAsync<T>(
        string what,
        IReadOnlyList<T> items,
        Func<T, (string Item, string Subject)> nameOf,
        Action<T> one,
        CancellationToken cancellationToken) =>
        await link.CallAsync(
            what,
            items,
            item =>
            {
                var (name, subject) = nameOf(item);
                return link.FaultProfile.Refusals.Refuses(what, name, subject);
            },
            some => InParts(some, one),
            () => true,
            cancellationToken);

    private MessageWithFacts WithFacts(Message message) =>
        new(message, state.StateOf(new(message.ConversationId, message.MessageId)).Facts);

    private List<Action> InParts<T>(IEnumerable<T> items, Action<T> one) =>
        [.. Parts([.. items]).Select(part => (Action)(() =>
        {
            foreach (var item in part) one(item);
        }))];

    private List<Action> StepsOf(IEnumerable<StatusChange> changes) => InParts(changes.OrderBy(c => c.Seq), state.AddChange);

    private List<Action> HeadsOf(IEnumerable<StatusChange> changes) =>
        InParts(changes.OrderBy(c => c.Seq), c => state.RaiseHead(c.ConversationId, c.Seq));

    /// <summary>Both in their own order, and in any order between them.</summary>
    private List<Action> Mixed(List<Action> some, List<Action> others)
    {
        var mixed = new List<Action>();
        var (i, j) = (0, 0);
        while (i < some.Count || j < others.Count)
            mixed.Add(j == others.Count || (i < some.Count && link.Random.Chance(0.5)) ? some[i++] : others[j++]);
        return mixed;
    }

    /// <summary>One to three parts, in order.</summary>
    private List<T[]> Parts<T>(T[] items)
    {
        var parts = new List<T[]>();
        for (var from = 0; from < items.Length;)
        {
            var length = parts.Count == 2 || link.Random.Chance(0.4) ? items.Length - from : link.Random.Between(1, items.Length - from);
            parts.Add(items[from..(from + length)]);
            from += length;
        }
        return parts;
    }
}
