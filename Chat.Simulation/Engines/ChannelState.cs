using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Providers;

namespace Chat.Simulation.Engines;

/// <summary>What the store holds of real channels: accounts, contacts, what was sent and what waits.</summary>
public sealed class ChannelState
{
    private readonly Dictionary<(AccountKey Account, ContactAddress Address), Guid> _claims = [];
    private readonly Dictionary<Guid, List<ContactNote>> _notes = [];

    public Dictionary<AccountKey, Account> Accounts { get; } = [];

    public Dictionary<(Guid Message, int Number), SendEntry> Tries { get; } = [];

    public Dictionary<(AccountKey Account, Guid Message, Guid Hold), HeldMessage> Held { get; } = [];

    /// <summary>Messages that were held at some time, with their holds.</summary>
    public Dictionary<Guid, HashSet<Guid>> EverHeld { get; } = [];

    /// <summary>Tries with "later" whose message was not held before that was noted: nobody else may be left who sends it again.</summary>
    public List<SendTry> NotHeld { get; } = [];

    /// <summary>Whether a person has to see to an account.</summary>
    public bool IsStopped(AccountKey key) => Accounts.TryGetValue(key, out var account) && account.State != AccountState.Active;

    public Account Claim(Account account) => Accounts.TryAdd(account.Key, account) ? account : Accounts[account.Key];

    public void Update(Account account)
    {
        if (Accounts.TryGetValue(account.Key, out var stored) && stored.OrganizationId == account.OrganizationId
            && stored.UpdatedAt < account.UpdatedAt)
        {
            Accounts[account.Key] = account with { CreatedAt = stored.CreatedAt };
        }
    }

    public void Remove(AccountKey key, Guid organization)
    {
        if (Accounts.TryGetValue(key, out var stored) && stored.OrganizationId == organization) Accounts.Remove(key);
    }

    public Guid Claim(AccountKey account, ContactAddress address, Guid conversation) =>
        _claims.TryAdd((account, address), conversation) ? conversation : _claims[(account, address)];

    public Guid? FindConversation(AccountKey account, ContactAddress address) =>
        _claims.TryGetValue((account, address), out var conversation) ? conversation : null;

    public void Note(ContactNote note)
    {
        if (!_notes.TryGetValue(note.ConversationId, out var notes)) notes = _notes[note.ConversationId] = [];
        notes.Add(note);
    }

    public Contact? FindContact(Guid conversation)
    {
        if (!_notes.TryGetValue(conversation, out var notes)) return null;
        var account = Latest(notes, n => $"{n.Account.Channel}\n{n.Account.AccountId}")!;
        return new(
            conversation,
            account.OrganizationId,
            account.Account,
            [.. notes.SelectMany(n => n.Addresses).Distinct()],
            Latest(notes, n => n.SendTo)?.SendTo,
            Latest(notes, n => n.Name)?.Name,
            notes.Where(n => n.IsInbound).Max(n => (DateTimeOffset?)n.At));
    }

    public SendEntry Claim(SendTry claim)
    {
        Tries.TryAdd((claim.MessageId, claim.Number), new(claim, null, null));
        return Tries[(claim.MessageId, claim.Number)];
    }

    public SendEntry? LatestTry(Guid message) => Tries.Values.Where(t => t.Try.MessageId == message).MaxBy(t => t.Try.Number);

    public void Answer(SendEntry answer)
    {
        if (answer.Outcome is null) return;
        var stored = Claim(answer.Try);
        if (!stored.IsOpen) return;
        Tries[(answer.Try.MessageId, answer.Try.Number)] = answer with { Try = stored.Try };
        // All tries before it had "later" too, and a hold each.
        if (answer.Outcome == SendOutcome.Later && EverHeld.GetValueOrDefault(answer.Try.MessageId, []).Count < answer.Try.Number)
            NotHeld.Add(stored.Try);
    }

    public IReadOnlyList<SendEntry> OpenTries(string channel, DateTimeOffset before, int limit) =>
    [
        .. Tries.Values
            .Where(t => t.Try.Account.Channel == channel && t.Try.At < before && t.IsOpen)
            .OrderBy(t => t.Try.At).ThenBy(t => $"{t.Try.MessageId}", StringComparer.Ordinal).ThenBy(t => t.Try.Number)
            .Take(limit),
    ];

    public void Hold(HeldMessage held)
    {
        Held.TryAdd((held.Account, held.MessageId, held.HoldId), held);
        if (!EverHeld.TryGetValue(held.MessageId, out var holds)) EverHeld[held.MessageId] = holds = [];
        holds.Add(held.HoldId);
    }

    public IReadOnlyList<HeldMessage> HeldOf(AccountKey account, HeldPlace? after, int limit) =>
    [
        .. Held.Values
            .Where(h => h.Account == account && (after is not { } place || Compare(HeldPlace.Of(h), place) > 0))
            .Order(Comparer<HeldMessage>.Create(static (a, b) => Compare(HeldPlace.Of(a), HeldPlace.Of(b))))
            .Take(limit),
    ];

    public IReadOnlyList<AccountKey> HeldAccountsOf(string channel) =>
    [
        .. Held.Values.Select(h => h.Account)
            .Where(a => a.Channel == channel)
            .Distinct()
            .OrderBy(a => a.AccountId, StringComparer.Ordinal),
    ];

    public void Release(HeldMessage held) => Held.Remove((held.Account, held.MessageId, held.HoldId));

    private static int Compare(HeldPlace a, HeldPlace b) =>
        string.CompareOrdinal($"{a.MessageId}{a.HoldId}", $"{b.MessageId}{b.HoldId}");

    /// <summary>The latest note that says something, at a tie the one that says what is higher.</summary>
    private static ContactNote? Latest(List<ContactNote> notes, Func<ContactNote, string?> what) =>
        notes.Where(n => what(n) is not null).OrderBy(n => n.At).ThenBy(what, StringComparer.Ordinal).LastOrDefault();
}
