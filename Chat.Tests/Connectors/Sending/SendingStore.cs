using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Engines;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Tests.Stores;

namespace Chat.Tests.Connectors.Sending;

/// <summary>What sending from accounts keeps, in memory. For one thread.</summary>
internal sealed class SendingStore : UnusedStore, ISendLedger, IHeldMessages, IContactStore
{
    private readonly SortedDictionary<(Guid Message, int Number), SendEntry> _tries = [];

    /// <summary>What is called in the store, in order; each name once for each call.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Called before each call, with its name; what it throws is the call's failure.</summary>
    public Action<string> Before { get; set; } = _ => { };

    public Dictionary<ProviderId, MessageKey> ProviderIds { get; } = [];

    public List<ParkedStatus> Parked { get; } = [];

    public List<HeldMessage> Held { get; } = [];

    public Dictionary<Guid, MessageState> States { get; } = [];

    public Dictionary<(AccountKey Account, ContactAddress Address), Guid> Addresses { get; } = [];

    public List<ContactNote> Notes { get; } = [];

    public IEnumerable<SendEntry> Tries => _tries.Values;

    /// <summary>A hold of one of these messages is refused.</summary>
    public HashSet<Guid> RefusedHolds { get; } = [];

    /// <summary>Notes a message as the router stores it.</summary>
    public void Store(Message message, StatusFacts facts = default) =>
        States[message.MessageId] = new(new(message.ConversationId, message.MessageId), message, facts);

    /// <summary>The last claim that was asked for, whatever became of it.</summary>
    public SendTry? Claiming { get; private set; }

    /// <summary>Claims a try, where none has its number.</summary>
    public SendEntry Claim(SendTry claim)
    {
        var key = (claim.MessageId, claim.Number);
        if (!_tries.TryGetValue(key, out var entry)) _tries[key] = entry = new(claim, null, null);
        return entry;
    }

    public ValueTask<SendEntry> ClaimTryAsync(SendTry claim, CancellationToken cancellationToken)
    {
        Claiming = claim;
        Called(nameof(ClaimTryAsync));
        return new(Claim(claim));
    }

    public ValueTask<IReadOnlyDictionary<Guid, SendEntry>> FindLatestTriesAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        Called(nameof(FindLatestTriesAsync));
        return new(_tries.Values
            .Where(e => messageIds.Contains(e.Try.MessageId))
            .GroupBy(e => e.Try.MessageId)
            .ToDictionary(g => g.Key, g => g.MaxBy(e => e.Try.Number)!));
    }

    public ValueTask RecordAnswersAsync(IReadOnlyList<SendEntry> answers, CancellationToken cancellationToken)
    {
        Called(nameof(RecordAnswersAsync));
        foreach (var answer in answers)
        {
            var key = (answer.Try.MessageId, answer.Try.Number);
            if (!_tries.TryGetValue(key, out var known) || known.Outcome is null
                || (known.Outcome == SendOutcome.Unknown && answer.Outcome != SendOutcome.Unknown))
                _tries[key] = answer;
        }
        return default;
    }

    public ValueTask<IReadOnlyList<SendEntry>> ListOpenTriesAsync(
        string channel, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        Called($"{nameof(ListOpenTriesAsync)} {channel}");
        return new([
            .. _tries.Values
                .Where(e => e.Try.Account.Channel == channel && e.Try.At < before && e.Outcome is null or SendOutcome.Unknown)
                .OrderBy(e => e.Try.At)
                .Take(limit),
        ]);
    }

    public ValueTask HoldAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken)
    {
        Called(nameof(HoldAsync));
        if (messages.Any(m => RefusedHolds.Contains(m.MessageId))) throw new EngineRefusedException("too large");
        Held.AddRange(messages.Where(m => Held.All(h => h.HoldId != m.HoldId)));
        return default;
    }

    public ValueTask<IReadOnlyList<HeldMessage>> ListHeldAsync(
        AccountKey account, HeldPlace? after, int limit, CancellationToken cancellationToken)
    {
        Called(nameof(ListHeldAsync));
        return new([
            .. Held.Where(h => h.Account == account)
                .Where(h => after is not { } place
                    || (h.MessageId, h.HoldId).CompareTo((place.MessageId, place.HoldId)) > 0)
                .OrderBy(h => h.MessageId)
                .ThenBy(h => h.HoldId)
                .Take(limit),
        ]);
    }

    public ValueTask<IReadOnlyList<AccountKey>> ListHeldAccountsAsync(string channel, CancellationToken cancellationToken)
    {
        Called(nameof(ListHeldAccountsAsync));
        return new([.. Held.Select(h => h.Account).Where(a => a.Channel == channel).Distinct()]);
    }

    public ValueTask ReleaseAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken)
    {
        Called(nameof(ReleaseAsync));
        Held.RemoveAll(h => messages.Any(m => m.HoldId == h.HoldId));
        return default;
    }

    public ValueTask<Guid> ClaimAddressAsync(
        AccountKey account, ContactAddress address, Guid conversationId, CancellationToken cancellationToken)
    {
        Called(nameof(ClaimAddressAsync));
        Addresses.TryAdd((account, address), conversationId);
        return new(Addresses[(account, address)]);
    }

    public ValueTask<IReadOnlyDictionary<ContactAddress, Guid>> FindConversationsAsync(
        AccountKey account, IReadOnlyCollection<ContactAddress> addresses, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask NoteContactsAsync(IReadOnlyList<ContactNote> notes, CancellationToken cancellationToken)
    {
        Called(nameof(NoteContactsAsync));
        Notes.AddRange(notes);
        return default;
    }

    public ValueTask<IReadOnlyDictionary<Guid, Contact>> FindContactsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        Called(nameof(FindContactsAsync));
        return new(Notes.Where(n => conversationIds.Contains(n.ConversationId)).ToDictionary(
            n => n.ConversationId,
            n => new Contact(n.ConversationId, n.OrganizationId, n.Account, n.Addresses, n.SendTo, n.Name, null)));
    }

    public override ValueTask AddProviderIdAsync(ProviderId id, MessageKey key, CancellationToken cancellationToken)
    {
        Called(nameof(AddProviderIdAsync));
        ProviderIds.TryAdd(id, key);
        return default;
    }

    public override ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(
        IReadOnlyCollection<string> subjects, CancellationToken cancellationToken)
    {
        Called(nameof(ListParkedAsync));
        return new([.. Parked.Where(p => subjects.Contains(p.Subject))]);
    }

    public override ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
    {
        Called(nameof(UnparkAsync));
        Parked.RemoveAll(statuses.Contains);
        return default;
    }

    public override ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        Called(nameof(FindMessageKeysAsync));
        return new(messageIds.Where(States.ContainsKey).ToDictionary(id => id, id => States[id].Key));
    }

    public override ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(
        IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        Called(nameof(GetStatesAsync));
        return new([.. keys.Select(k => States.GetValueOrDefault(k.MessageId) ?? new(k, null, StatusFacts.None))]);
    }

    private void Called(string call)
    {
        Calls.Add(call);
        Before(call);
    }
}
