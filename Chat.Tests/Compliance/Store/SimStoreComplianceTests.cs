using Chat.Core.Accounts;
using Chat.Core.Contacts;
using Chat.Core.Providers;
using Chat.Simulation;
using Chat.Simulation.Engines;
using Chat.Simulation.Scheduling;

namespace Chat.Tests.Compliance.Store;

public sealed class SimAccountStoreTests() : AccountStoreCompliance(new SimStoreEngine());

public sealed class SimContactStoreTests() : ContactStoreCompliance(new SimStoreEngine());

public sealed class SimSendLedgerTests() : SendLedgerCompliance(new SimStoreEngine());

public sealed class SimHeldMessagesTests() : HeldMessagesCompliance(new SimStoreEngine());

/// <summary>
/// The simulation's store, whose ports of real channels keep what the engines' keep. Each call is a run of its own without faults, carried
/// out on the caller's thread.
/// </summary>
internal sealed class SimStoreEngine : IStoreEngine, IAccountStore, IContactStore, ISendLedger, IHeldMessages
{
    private readonly Lock _gate = new();
    private readonly SimRandom _random = new(14);
    private readonly StoreState _state = new() { Clock = () => TimeSpan.Zero };

    public ValueTask<StorePorts> OpenAsync() => new(new StorePorts(
        null!, null!, null!, null!, null!, null!, null!, null!, null!, this, this, this, this, null!, null!));

    public ValueTask DisposeAsync() => default;

    public ValueTask<Account> ClaimAccountAsync(Account account, CancellationToken cancellationToken) =>
        Run(s => s.ClaimAccountAsync(account, cancellationToken));

    public async ValueTask UpdateAccountAsync(Account account, CancellationToken cancellationToken) =>
        await Run(s => DoneAsync(s.UpdateAccountAsync(account, cancellationToken)));

    public ValueTask<IReadOnlyDictionary<AccountKey, Account>> FindAccountsAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken) =>
        Run(s => s.FindAccountsAsync(keys, cancellationToken));

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(CancellationToken cancellationToken) =>
        Run(s => s.ListAccountsAsync(cancellationToken));

    public async ValueTask RemoveAccountAsync(AccountKey key, Guid organizationId, CancellationToken cancellationToken) =>
        await Run(s => DoneAsync(s.RemoveAccountAsync(key, organizationId, cancellationToken)));

    public ValueTask<Guid> ClaimAddressAsync(
        AccountKey account, ContactAddress address, Guid conversationId, CancellationToken cancellationToken) =>
        Run(s => s.ClaimAddressAsync(account, address, conversationId, cancellationToken));

    public ValueTask<IReadOnlyDictionary<ContactAddress, Guid>> FindConversationsAsync(
        AccountKey account, IReadOnlyCollection<ContactAddress> addresses, CancellationToken cancellationToken) =>
        Run(s => s.FindConversationsAsync(account, addresses, cancellationToken));

    public async ValueTask NoteContactsAsync(IReadOnlyList<ContactNote> notes, CancellationToken cancellationToken) =>
        await Run(s => DoneAsync(s.NoteContactsAsync(notes, cancellationToken)));

    public ValueTask<IReadOnlyDictionary<Guid, Contact>> FindContactsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
        Run(s => s.FindContactsAsync(conversationIds, cancellationToken));

    public ValueTask<SendEntry> ClaimTryAsync(SendTry claim, CancellationToken cancellationToken) =>
        Run(s => s.ClaimTryAsync(claim, cancellationToken));

    public ValueTask<IReadOnlyDictionary<Guid, SendEntry>> FindLatestTriesAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken) =>
        Run(s => s.FindLatestTriesAsync(messageIds, cancellationToken));

    public async ValueTask RecordAnswersAsync(IReadOnlyList<SendEntry> answers, CancellationToken cancellationToken) =>
        await Run(s => DoneAsync(s.RecordAnswersAsync(answers, cancellationToken)));

    public ValueTask<IReadOnlyList<SendEntry>> ListOpenTriesAsync(
        string channel, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        Run(s => s.ListOpenTriesAsync(channel, before, limit, cancellationToken));

    public async ValueTask HoldAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken) =>
        await Run(s => DoneAsync(s.HoldAsync(messages, cancellationToken)));

    public ValueTask<IReadOnlyList<HeldMessage>> ListHeldAsync(
        AccountKey account, HeldPlace? after, int limit, CancellationToken cancellationToken) =>
        Run(s => s.ListHeldAsync(account, after, limit, cancellationToken));

    public ValueTask<IReadOnlyList<AccountKey>> ListHeldAccountsAsync(string channel, CancellationToken cancellationToken) =>
        Run(s => s.ListHeldAccountsAsync(channel, cancellationToken));

    public async ValueTask ReleaseAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken) =>
        await Run(s => DoneAsync(s.ReleaseAsync(messages, cancellationToken)));

    private static async ValueTask<bool> DoneAsync(ValueTask call)
    {
        await call;
        return true;
    }

    private ValueTask<T> Run<T>(Func<SimStore, ValueTask<T>> call)
    {
        lock (_gate)
        {
            var scheduler = new SimScheduler(_random, static violation => throw new InvalidOperationException(violation));
            var process = scheduler.NewProcess("test", TimeSpan.Zero);
            var faults = new FaultProfile("store", _random) { Refusals = new(14, 0, InjectedBug.None) };
            var store = new SimStore(_state, new(process, faults, _random, new(scheduler, null)));
            Task<T>? answer = null;
            process.Post(() => answer = call(store).AsTask());
            scheduler.RunUntil(TimeSpan.FromHours(1), () => answer is { IsCompleted: true });
            return new(answer!);
        }
    }
}
