using System.Security.Cryptography;
using System.Text;
using Chat.Core.Channels;

namespace Chat.Core.Accounts;

/// <summary>
/// All accounts at one moment, made of configuration and what the store holds. Configuration wins: of an account that it brings, the store
/// keeps a note alone, which says how it is and holds a token that was refreshed, for as long as configuration has the token that the
/// note is about.
/// </summary>
public sealed class AccountSet
{
    // What a note has for its app: no app's name has a colon.
    private const string NoteOf = "configuration:";

    private readonly Dictionary<AccountKey, KnownAccount> _accounts = [];
    private readonly ILookup<(Guid, string), KnownAccount> _byOrganization;
    private readonly ILookup<string, KnownAccount> _byChannel;
    private readonly List<string> _faults = [];

    public AccountSet(AccountsOptions options, CredentialVault vault, IReadOnlyCollection<Account> stored)
    {
        var own = options.Own.ToDictionary(KeyOf);
        foreach (var account in stored.Where(a => !own.ContainsKey(a.Key) && !IsNote(a))) Add(Open(account, vault));
        foreach (var (key, configured) in own) Add(Configured(configured, stored.FirstOrDefault(a => a.Key == key), vault));
        var all = _accounts.Values.OrderBy(a => a.Key.AccountId, StringComparer.Ordinal).ToList();
        _byOrganization = all.ToLookup(a => (a.Account.OrganizationId, a.Key.Channel));
        _byChannel = all.ToLookup(a => a.Key.Channel);
    }

    /// <summary>What an operator should know, in no order: clashes, and credentials that no key opens.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public IReadOnlyCollection<KnownAccount> All => _accounts.Values;

    public KnownAccount? Find(AccountKey key) => _accounts.GetValueOrDefault(key);

    public IReadOnlyList<KnownAccount> OfOrganization(Guid organizationId, string channel) =>
        [.. _byOrganization[(organizationId, channel)]];

    public IReadOnlyList<KnownAccount> OfChannel(string channel) => [.. _byChannel[channel]];

    /// <summary>The app that an organization brings itself; null where none of its accounts has a secret or a verify token.</summary>
    public WebhookApp? FindAppOf(Guid organizationId, string channel)
    {
        var app = AccountApps.OfOrganization(organizationId);
        var accounts = _byOrganization[(organizationId, channel)].Where(a => a.Account.App == app).ToList();
        string[] secrets = [.. accounts.SelectMany(a => a.Credentials.AppSecrets ?? []).Distinct()];
        string[] verifyTokens = [.. accounts.SelectMany(a => a.Credentials.VerifyTokens ?? []).Distinct()];
        return secrets.Length + verifyTokens.Length == 0 ? null : new(channel, app, organizationId, secrets, verifyTokens);
    }

    /// <summary>The app of a name that configuration brings; null where it brings none.</summary>
    public static WebhookApp? FindConfiguredApp(AccountsOptions options, string channel, string name) =>
        options.Apps.GetValueOrDefault(channel)?.GetValueOrDefault(name) is { } app
            ? new(channel, name, OrganizationId: null, [.. app.Secrets], [.. app.VerifyTokens])
            : null;

    /// <summary>The note that the store keeps of an account that configuration brings.</summary>
    public static Account NoteFor(OwnAccount own, Account account) => account with { App = MarkOf(own) };

    public static AccountKey KeyOf(OwnAccount own) => new(ChannelCatalog.Find(own.Channel)!.Name, own.AccountId);

    /// <summary>Whether the store has it only for an account that configuration brings, or once brought.</summary>
    public static bool IsNote(Account account) => account.App.StartsWith(NoteOf, StringComparison.Ordinal);

    private KnownAccount Configured(OwnAccount own, Account? stored, CredentialVault vault)
    {
        var key = KeyOf(own);
        var account = new Account(
            key,
            own.OrganizationId,
            own.BusinessId,
            own.DisplayName,
            own.App,
            SealedCredentials: default,
            AccountState.Active,
            Attention: null,
            own.MessagesPerSecond,
            CreatedAt: stored?.CreatedAt ?? DateTimeOffset.UnixEpoch,
            UpdatedAt: stored?.UpdatedAt ?? DateTimeOffset.UnixEpoch);
        var credentials = new AccountCredentials(own.AccessToken, own.ExpiresAt, own.IssuedAt);
        if (stored is null) return new(account, credentials);
        if (!IsNote(stored))
        {
            _faults.Add(
                $"{Where(own)} is connected by organization {stored.OrganizationId:D} too; configuration's {own.OrganizationId:D} counts. "
                + "Take one of the two away.");
            return new(account, credentials);
        }
        if (stored.App != MarkOf(own) || stored.OrganizationId != own.OrganizationId) return new(account, credentials);
        // What no key opens is but an older token's successor: configuration's own may still do.
        var kept = stored.SealedCredentials.IsEmpty ? null : vault.TryOpen(key, stored.SealedCredentials.Span);
        return new(
            account with { SealedCredentials = stored.SealedCredentials, State = stored.State, Attention = stored.Attention },
            kept ?? credentials);
    }

    private KnownAccount Open(Account account, CredentialVault vault)
    {
        if (vault.TryOpen(account.Key, account.SealedCredentials.Span) is { } credentials)
        {
            var isOpenAgain = account.Attention == AccountAttention.Sealed;
            return new(isOpenAgain ? account with { State = AccountState.Active, Attention = null } : account, credentials);
        }
        _faults.Add(
            $"{account.Key}: its credentials can't be opened: {AccountsOptions.EncryptionKeysSetting} lacks the key that sealed them.");
        return new(
            account with { State = AccountState.NeedsAttention, Attention = AccountAttention.Sealed }, AccountCredentials.None);
    }

    private void Add(KnownAccount account) => _accounts[account.Key] = account;

    private static string Where(OwnAccount own) => $"{KeyOf(own)} of {AccountsOptions.Section}:{nameof(AccountsOptions.Own)}";

    // A token is random enough for its hash to tell nothing of it.
    private static string MarkOf(OwnAccount own) =>
        NoteOf + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(own.AccessToken ?? ""))[..16]);
}
