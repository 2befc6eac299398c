using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Conversations;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Tests.Stores;

namespace Chat.Tests.Webhooks;

/// <summary>The ports that webhooks need, in memory; can fail before any of its writes.</summary>
internal sealed class MemoryStore : UnusedStore, IContactStore, IConversationStore, ISendLedger
{
    private readonly Dictionary<(AccountKey, ContactAddress), Guid> _addresses = [];
    private readonly Dictionary<Guid, ConversationOwner> _owners = [];
    private readonly Dictionary<ProviderId, MessageKey> _ids = [];
    private readonly Dictionary<Guid, SendEntry> _tries = [];
    private readonly List<MessageWithFacts> _messages = [];

    /// <summary>What was noted of people, in order.</summary>
    public List<ContactNote> Notes { get; } = [];

    public List<ParkedStatus> Parked { get; } = [];

    public IReadOnlyDictionary<(AccountKey Account, ContactAddress Address), Guid> Addresses => _addresses;

    public IReadOnlyDictionary<ProviderId, MessageKey> Ids => _ids;

    public IReadOnlyDictionary<Guid, SendEntry> Tries => _tries;

    /// <summary>Throws before the write of this number, from 0, and before none after it.</summary>
    public int FailAt { get; set; } = -1;

    /// <summary>What it throws then.</summary>
    public Func<Exception> Failure { get; set; } = () => new IOException("The store is down.");

    public int Writes { get; private set; }

    /// <summary>How many pages of messages were read.</summary>
    public int Pages { get; private set; }

    public void Add(Message message, params (StatusKind Kind, DateTimeOffset At)[] facts)
    {
        var known = StatusFacts.None;
        foreach (var (kind, at) in facts) known = known.With(kind, new(at, null, 1));
        _messages.Add(new(message, known));
        _owners.TryAdd(message.ConversationId, new(message.ConversationId, message.OrganizationId, message.CreatedAt));
    }

    public void Add(SendEntry entry) => _tries[entry.Try.MessageId] = entry;

    public void Claim(Guid conversation, Guid organization) => _owners[conversation] = new(conversation, organization, default);

    public ValueTask<Guid> ClaimAddressAsync(
        AccountKey account, ContactAddress address, Guid conversationId, CancellationToken cancellationToken)
    {
        Write();
        _addresses.TryAdd((account, address), conversationId);
        return new(_addresses[(account, address)]);
    }

    public ValueTask<IReadOnlyDictionary<ContactAddress, Guid>> FindConversationsAsync(
        AccountKey account, IReadOnlyCollection<ContactAddress> addresses, CancellationToken cancellationToken) =>
        new(addresses.Where(a => _addresses.ContainsKey((account, a))).ToDictionary(a => a, a => _addresses[(account, a)]));

    public ValueTask NoteContactsAsync(IReadOnlyList<ContactNote> notes, CancellationToken cancellationToken)
    {
        Write();
        Notes.AddRange(notes);
        return default;
    }

    public ValueTask<IReadOnlyDictionary<Guid, Contact>> FindContactsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken)
    {
        Write();
        _owners.TryAdd(claim.ConversationId, claim);
        return new(_owners[claim.ConversationId]);
    }

    public ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
        new(conversationIds.Where(_owners.ContainsKey).ToDictionary(id => id, id => _owners[id]));

    public ValueTask AddPosterAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<SendEntry> ClaimTryAsync(SendTry claim, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IReadOnlyDictionary<Guid, SendEntry>> FindLatestTriesAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken) =>
        new(messageIds.Where(_tries.ContainsKey).ToDictionary(id => id, id => _tries[id]));

    public ValueTask RecordAnswersAsync(IReadOnlyList<SendEntry> answers, CancellationToken cancellationToken)
    {
        Write();
        foreach (var answer in answers)
        {
            if (_tries[answer.Try.MessageId].Outcome is null or SendOutcome.Unknown) _tries[answer.Try.MessageId] = answer;
        }
        return default;
    }

    public ValueTask<IReadOnlyList<SendEntry>> ListOpenTriesAsync(
        string channel, DateTimeOffset before, int limit, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken) =>
        new(_messages.Select(m => m.Message)
            .Where(m => messageIds.Contains(m.MessageId))
            .ToDictionary(m => m.MessageId, m => new MessageKey(m.ConversationId, m.MessageId)));

    public override ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(
        IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
        new([.. keys.Select(k => (Key: k, Found: _messages.Find(m => m.Message.MessageId == k.MessageId)))
            .Select(k => new MessageState(k.Key, k.Found?.Message, k.Found?.Facts ?? StatusFacts.None))]);

    // In the order in which they were added.
    public override ValueTask<MessagePage> ListMessagesAsync(
        Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken)
    {
        Pages++;
        var newest = _messages.Where(m => m.Message.ConversationId == conversationId).Reverse();
        if (before is not null) newest = newest.SkipWhile(m => m.Message.MessageId != before).Skip(1);
        return new(new MessagePage([.. newest.Take(limit)], null, 0));
    }

    public override ValueTask AddProviderIdAsync(ProviderId id, MessageKey key, CancellationToken cancellationToken)
    {
        Write();
        _ids.TryAdd(id, key);
        return default;
    }

    public override ValueTask<IReadOnlyDictionary<ProviderId, MessageKey>> FindByProviderIdsAsync(
        IReadOnlyCollection<ProviderId> ids, CancellationToken cancellationToken) =>
        new(ids.Where(_ids.ContainsKey).ToDictionary(id => id, id => _ids[id]));

    public override ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(
        IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) =>
        new([.. Parked.Where(p => subjects.Contains(p.Subject))]);

    public override ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
    {
        Write();
        Parked.RemoveAll(statuses.Contains);
        return default;
    }

    private void Write()
    {
        if (Writes++ == FailAt) throw Failure();
    }
}
