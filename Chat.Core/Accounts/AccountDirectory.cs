using Chat.Core.Engines;
using Chat.Core.Time;
using Microsoft.Extensions.Logging;

namespace Chat.Core.Accounts;

/// <summary>The accounts of configuration and store together, and what changes those of the store.</summary>
public sealed partial class AccountDirectory : IAccounts
{
    // Of more, one request for all that there are is less work.
    private const int MostByKey = 100;

    private readonly AccountsOptions _options;
    private readonly CredentialVault _vault;
    private readonly IAccountStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<AccountKey, OwnAccount> _own;
    private readonly LatestAnswer<AccountSet> _accounts;
    private IReadOnlyList<string> _faults = [];

    /// <param name="options">Valid ones.</param>
    public AccountDirectory(
        AccountsOptions options, CredentialVault vault, IAccountStore store, TimeProvider time, ILogger<AccountDirectory> logger)
    {
        (_options, _vault, _store, _time, _logger) = (options, vault, store, time, logger);
        _own = options.Own.ToDictionary(AccountSet.KeyOf);
        _accounts = new(LoadAsync);
    }

    /// <summary>Whether an account can be kept in the store: there is a key to seal its credentials with.</summary>
    public bool CanSeal => _vault.CanSeal;

    /// <summary>What is known without asking; null before the store has answered once.</summary>
    public AccountSet? Known => _accounts.Known;

    public async ValueTask<KnownAccount?> FindAsync(AccountKey key, CancellationToken cancellationToken) =>
        (await _accounts.GetAsync(cancellationToken)).Find(key);

    public async ValueTask<IReadOnlyDictionary<AccountKey, KnownAccount>> FindNowAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0) return new Dictionary<AccountKey, KnownAccount>();
        var now = keys.Count > MostByKey
            ? await _accounts.AskAsync(cancellationToken)
            : new AccountSet(_options, _vault, [.. (await _store.FindAccountsAsync(keys, cancellationToken)).Values]);
        return keys.Distinct().Select(now.Find).OfType<KnownAccount>().ToDictionary(a => a.Key);
    }

    public async ValueTask<IReadOnlyList<KnownAccount>> OfOrganizationAsync(
        Guid organizationId, string channel, CancellationToken cancellationToken) =>
        (await _accounts.GetAsync(cancellationToken)).OfOrganization(organizationId, channel);

    public async ValueTask<IReadOnlyList<KnownAccount>> OfChannelAsync(string channel, CancellationToken cancellationToken) =>
        (await _accounts.GetAsync(cancellationToken)).OfChannel(channel);

    public async ValueTask<WebhookApp?> FindAppAsync(string channel, string app, CancellationToken cancellationToken)
    {
        // Known without the store: what it brings is taken in while the store is away.
        if (AccountSet.FindConfiguredApp(_options, channel, app) is { } configured) return configured;
        return AccountApps.OrganizationOf(app) is { } organization
            ? (await _accounts.GetAsync(cancellationToken)).FindAppOf(organization, channel)
            : null;
    }

    public async ValueTask SetAttentionAsync(AccountKey key, string? attention, CancellationToken cancellationToken)
    {
        var reason = attention is null ? null : AccountAttention.Cut(attention);
        var state = reason is null ? AccountState.Active : AccountState.NeedsAttention;
        // Told for each message that a dead token stops: once is enough.
        var known = await FindAsync(key, cancellationToken);
        if (known?.Account.State == state && known.Account.Attention == reason) return;
        await ChangeAsync(key, a => a with { Account = a.Account with { State = state, Attention = reason } }, cancellationToken);
        if (reason is null) LogWorks(key);
        else LogNeedsAttention(key, reason);
    }

    /// <summary>Whether configuration brings the account, so that nothing else can connect, change or remove it.</summary>
    public bool IsConfigured(AccountKey key) => _own.ContainsKey(key);

    /// <summary>Asks the store what others changed.</summary>
    public async ValueTask RefreshAsync(CancellationToken cancellationToken) => await _accounts.AskAsync(cancellationToken);

    /// <summary>Connects an account; null where it is connected already, by whichever organization.</summary>
    /// <exception cref="InvalidOperationException">There is no key to seal with: <see cref="CanSeal"/>.</exception>
    public async ValueTask<KnownAccount?> ConnectAsync(
        Account account, AccountCredentials credentials, CancellationToken cancellationToken)
    {
        if (IsConfigured(account.Key)) return null;
        var now = WireTime.TruncateToMilliseconds(_time.GetUtcNow());
        var sealedNow = account with { SealedCredentials = _vault.Seal(account.Key, credentials), CreatedAt = now, UpdatedAt = now };
        var stored = await _store.ClaimAccountAsync(sealedNow, cancellationToken);
        // A note is of an account that configuration no longer brings.
        if (AccountSet.IsNote(stored))
        {
            await _store.RemoveAccountAsync(stored.Key, stored.OrganizationId, cancellationToken);
            stored = await _store.ClaimAccountAsync(sealedNow, cancellationToken);
        }
        await RefreshAsync(cancellationToken);
        // Sealed with a nonce of its own, so that no other claim has the same bytes.
        return stored.SealedCredentials.Span.SequenceEqual(sealedNow.SealedCredentials.Span) ? new(stored, credentials) : null;
    }

    /// <summary>
    /// Changes an account as the store has it now; at once here, soon everywhere. Two changes at the same moment may lose one of them.
    /// </summary>
    /// <param name="change">Gets the account as it is. Credentials that it leaves as they are stay sealed as they are.</param>
    /// <returns>As it is then; null where there is no such account.</returns>
    public async ValueTask<KnownAccount?> ChangeAsync(
        AccountKey key, Func<KnownAccount, KnownAccount> change, CancellationToken cancellationToken)
    {
        var found = await _store.FindAccountsAsync([key], cancellationToken);
        var stored = found.GetValueOrDefault(key);
        if (new AccountSet(_options, _vault, [.. found.Values]).Find(key) is not { } current) return null;
        var changed = change(current);
        if (changed == current) return current;
        var now = WireTime.TruncateToMilliseconds(_time.GetUtcNow());
        var account = changed.Account with { UpdatedAt = now > stored?.UpdatedAt ? now : stored?.UpdatedAt.AddMilliseconds(1) ?? now };
        if (!ReferenceEquals(changed.Credentials, current.Credentials))
            account = account with { SealedCredentials = _vault.Seal(key, changed.Credentials) };
        if (_own.TryGetValue(key, out var own)) await KeepNoteAsync(AccountSet.NoteFor(own, account), stored, cancellationToken);
        else await _store.UpdateAccountAsync(account, cancellationToken);
        return (await _accounts.AskAsync(cancellationToken)).Find(key);
    }

    /// <summary>Removes an organization's account; one of configuration, or another organization's, stays.</summary>
    public async ValueTask RemoveAsync(AccountKey key, Guid organizationId, CancellationToken cancellationToken)
    {
        if (IsConfigured(key)) return;
        await _store.RemoveAccountAsync(key, organizationId, cancellationToken);
        await RefreshAsync(cancellationToken);
    }

    private async ValueTask KeepNoteAsync(Account note, Account? stored, CancellationToken cancellationToken)
    {
        // Another organization's own account must not be lost by it; the clash is a fault that is told.
        if (stored is not null && !AccountSet.IsNote(stored)) return;
        if (stored is not null && stored.OrganizationId != note.OrganizationId)
        {
            await _store.RemoveAccountAsync(stored.Key, stored.OrganizationId, cancellationToken);
            stored = null;
        }
        if (stored is null)
            stored = await _store.ClaimAccountAsync(note with { CreatedAt = note.UpdatedAt }, cancellationToken);
        if (stored.UpdatedAt != note.UpdatedAt) await _store.UpdateAccountAsync(note, cancellationToken);
    }

    private async ValueTask<AccountSet> LoadAsync()
    {
        // Not a caller's token: the answer is everybody's. The engines bound each of their requests.
        var stored = await RefusalIsFailure.GuardAsync(_store.ListAccountsAsync, CancellationToken.None);
        var accounts = new AccountSet(_options, _vault, stored);
        foreach (var fault in accounts.Faults.Except(_faults)) LogFault(fault);
        _faults = accounts.Faults;
        return accounts;
    }

    [LoggerMessage(EventId = LogEvents.AccountFault, Level = LogLevel.Error, Message = "Account {Fault}")]
    private partial void LogFault(string fault);

    [LoggerMessage(
        EventId = LogEvents.AccountNeedsAttention, Level = LogLevel.Warning, Message = "Account {Account} needs a person: {Reason}")]
    private partial void LogNeedsAttention(AccountKey account, string reason);

    [LoggerMessage(EventId = LogEvents.AccountWorks, Level = LogLevel.Information, Message = "Account {Account} works again")]
    private partial void LogWorks(AccountKey account);
}
