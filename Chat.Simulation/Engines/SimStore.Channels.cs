using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Providers;

namespace Chat.Simulation.Engines;

/// <summary>The ports of real channels.</summary>
public sealed partial class SimStore : IAccountStore, IContactStore, ISendLedger, IHeldMessages
{
    public ValueTask<Account> ClaimAccountAsync(Account account, CancellationToken cancellationToken) => OneAsync(
        "claim account", $"{account.Key}", $"{account.Key}", () => state.Channels.Claim(account), cancellationToken);

    public ValueTask UpdateAccountAsync(Account account, CancellationToken cancellationToken) =>
        link.CallAsync("update account", [() => state.Channels.Update(account)], cancellationToken);

    public async ValueTask<IReadOnlyDictionary<AccountKey, Account>> FindAccountsAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken)
    {
        var found = new Dictionary<AccountKey, Account>();
        return await link.CallAsync(
            "find accounts",
            InParts(keys, key =>
            {
                if (state.Channels.Accounts.TryGetValue(key, out var account)) found[key] = account;
            }),
            () => found,
            cancellationToken);
    }

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(CancellationToken cancellationToken) =>
        link.CallAsync<IReadOnlyList<Account>>("list accounts", () => [.. state.Channels.Accounts.Values], cancellationToken);

    public ValueTask RemoveAccountAsync(AccountKey key, Guid organizationId, CancellationToken cancellationToken) =>
        link.CallAsync("remove account", [() => state.Channels.Remove(key, organizationId)], cancellationToken);

    public ValueTask<Guid> ClaimAddressAsync(
        AccountKey account, ContactAddress address, Guid conversationId, CancellationToken cancellationToken) => OneAsync(
        "claim address",
        $"{account} {address}",
        $"{account} {address}",
        () => state.Channels.Claim(account, address, conversationId),
        cancellationToken);

    public async ValueTask<IReadOnlyDictionary<ContactAddress, Guid>> FindConversationsAsync(
        AccountKey account, IReadOnlyCollection<ContactAddress> addresses, CancellationToken cancellationToken)
    {
        var found = new Dictionary<ContactAddress, Guid>();
        return await link.CallAsync(
            "find conversations",
            InParts(addresses, address =>
            {
                if (state.Channels.FindConversation(account, address) is { } conversation) found[address] = conversation;
            }),
            () => found,
            cancellationToken);
    }

    public ValueTask NoteContactsAsync(IReadOnlyList<ContactNote> notes, CancellationToken cancellationToken) => WriteAsync(
        "note contacts", notes, n => ($"{n.ConversationId} {n.At:O}", $"{n.ConversationId}"), state.Channels.Note, cancellationToken);

    public async ValueTask<IReadOnlyDictionary<Guid, Contact>> FindContactsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, Contact>();
        return await link.CallAsync(
            "find contacts",
            InParts(conversationIds, id =>
            {
                if (state.Channels.FindContact(id) is { } contact) found[id] = contact;
            }),
            () => found,
            cancellationToken);
    }

    public ValueTask<SendEntry> ClaimTryAsync(SendTry claim, CancellationToken cancellationToken)
    {
        if (InjectedBug != InjectedBug.TryNotClaimed)
        {
            return OneAsync(
                "claim try", $"{claim.MessageId}", $"{claim.MessageId}", () => state.Channels.Claim(claim), cancellationToken);
        }
        // The bug: it is claimed once the request is under way.
        link.Caller.Scheduler.After(link.Random.Milliseconds(1, 5000), link.Caller, () => state.Channels.Claim(claim));
        return ValueTask.FromResult(new SendEntry(claim, null, null));
    }

    public async ValueTask<IReadOnlyDictionary<Guid, SendEntry>> FindLatestTriesAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var found = new Dictionary<Guid, SendEntry>();
        return await link.CallAsync(
            "find tries",
            InParts(messageIds, id =>
            {
                if (state.Channels.LatestTry(id) is { } entry) found[id] = entry;
            }),
            () => found,
            cancellationToken);
    }

    public ValueTask RecordAnswersAsync(IReadOnlyList<SendEntry> answers, CancellationToken cancellationToken) => WriteAsync(
        "record answers",
        answers,
        a => ($"{a.Try.MessageId} {a.Try.Number} {a.Outcome}", $"{a.Try.MessageId}"),
        state.Channels.Answer,
        cancellationToken);

    public ValueTask<IReadOnlyList<SendEntry>> ListOpenTriesAsync(
        string channel, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        link.CallAsync("list open tries", () => state.Channels.OpenTries(channel, before, limit), cancellationToken);

    public ValueTask HoldAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken) => WriteAsync(
        "hold",
        InjectedBug == InjectedBug.HoldNotKept ? [] : messages,
        m => ($"{m.MessageId} {m.HoldId}", $"{m.MessageId}"),
        state.Channels.Hold,
        cancellationToken);

    public ValueTask<IReadOnlyList<HeldMessage>> ListHeldAsync(
        AccountKey account, HeldPlace? after, int limit, CancellationToken cancellationToken) =>
        link.CallAsync("list held", () => state.Channels.HeldOf(account, after, limit), cancellationToken);

    public ValueTask<IReadOnlyList<AccountKey>> ListHeldAccountsAsync(string channel, CancellationToken cancellationToken) =>
        link.CallAsync("list accounts that hold", () => state.Channels.HeldAccountsOf(channel), cancellationToken);

    public ValueTask ReleaseAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken) =>
        link.CallAsync("release", InParts(messages, state.Channels.Release), cancellationToken);
}
