using Chat.Core.Accounts;

namespace Chat.ServiceDefaults.Accounts;

/// <summary>Of an engine that keeps no accounts: there are those of configuration alone.</summary>
internal sealed class NoAccountStore : IAccountStore
{
    private const string Nothing = "This store keeps no accounts.";

    public ValueTask<Account> ClaimAccountAsync(Account account, CancellationToken cancellationToken) =>
        throw new NotSupportedException(Nothing);

    public ValueTask UpdateAccountAsync(Account account, CancellationToken cancellationToken) => throw new NotSupportedException(Nothing);

    public ValueTask<IReadOnlyDictionary<AccountKey, Account>> FindAccountsAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken) => new(new Dictionary<AccountKey, Account>());

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(CancellationToken cancellationToken) => new([]);

    public ValueTask RemoveAccountAsync(AccountKey key, Guid organizationId, CancellationToken cancellationToken) => default;
}
