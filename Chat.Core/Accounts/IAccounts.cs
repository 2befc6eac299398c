namespace Chat.Core.Accounts;

/// <summary>An account and what it proves itself with.</summary>
public sealed record KnownAccount(Account Account, AccountCredentials Credentials)
{
    public AccountKey Key => Account.Key;
}

/// <summary>An app at a provider: what signs the webhooks of one path.</summary>
/// <param name="App">See <see cref="Account.App"/>.</param>
/// <param name="OrganizationId">
/// Whose own it is: its webhooks concern this organization's accounts alone. Null for ours, which all may use.
/// </param>
/// <param name="Secrets">Any of them may have signed.</param>
/// <param name="VerifyTokens">Any of them may be asked for.</param>
public sealed record WebhookApp(
    string Channel, string App, Guid? OrganizationId, IReadOnlyList<string> Secrets, IReadOnlyList<string> VerifyTokens);

/// <summary>
/// The accounts of configuration and store together, kept in memory and looked at again every few seconds: asking costs nothing, and a
/// change counts everywhere soon after.
/// </summary>
public interface IAccounts
{
    /// <summary>An account by its key; null where nobody connected it.</summary>
    ValueTask<KnownAccount?> FindAsync(AccountKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Those that there are of some, by the store's own answer of now: for what is decided for good by an account's absence, or by whose
    /// it is. Costs a request to the store.
    /// </summary>
    ValueTask<IReadOnlyDictionary<AccountKey, KnownAccount>> FindNowAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken);

    /// <summary>An organization's accounts of a channel, by account id; none where it uses the simulated channel.</summary>
    ValueTask<IReadOnlyList<KnownAccount>> OfOrganizationAsync(Guid organizationId, string channel, CancellationToken cancellationToken);

    /// <summary>All accounts of a channel.</summary>
    ValueTask<IReadOnlyList<KnownAccount>> OfChannelAsync(string channel, CancellationToken cancellationToken);

    /// <summary>The app of a webhook's path; null where there is none of this name.</summary>
    ValueTask<WebhookApp?> FindAppAsync(string channel, string app, CancellationToken cancellationToken);

    /// <summary>Notes that an account works again, or why a person must look at it; at once here, soon everywhere.</summary>
    /// <param name="attention">Null for <see cref="AccountState.Active"/>.</param>
    ValueTask SetAttentionAsync(AccountKey key, string? attention, CancellationToken cancellationToken);
}
