using Chat.Core.Accounts;

namespace Chat.Tests.Accounts;

/// <summary>A store of accounts in memory, which can be away.</summary>
internal sealed class AccountRows : IAccountStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AccountKey, Account> _rows = [];

    public bool IsAway { get; set; }

    public int Writes { get; private set; }

    /// <summary>How often accounts were looked for by their keys.</summary>
    public int AskedByKey { get; private set; }

    public IReadOnlyCollection<Account> All => _rows.Values;

    public void Put(Account account) => _rows[account.Key] = account;

    public ValueTask<Account> ClaimAccountAsync(Account account, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Answer(write: true);
            _rows.TryAdd(account.Key, account);
            return new(_rows[account.Key]);
        }
    }

    public ValueTask UpdateAccountAsync(Account account, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Answer(write: true);
            if (_rows.GetValueOrDefault(account.Key) is { } stored
                && stored.OrganizationId == account.OrganizationId
                && stored.UpdatedAt < account.UpdatedAt)
            {
                _rows[account.Key] = account with { CreatedAt = stored.CreatedAt };
            }
            return default;
        }
    }

    public ValueTask<IReadOnlyDictionary<AccountKey, Account>> FindAccountsAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Answer();
            AskedByKey++;
            return new(keys.Where(_rows.ContainsKey).ToDictionary(k => k, k => _rows[k]));
        }
    }

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Answer();
            return new([.. _rows.Values]);
        }
    }

    public ValueTask RemoveAccountAsync(AccountKey key, Guid organizationId, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Answer(write: true);
            if (_rows.GetValueOrDefault(key)?.OrganizationId == organizationId) _rows.Remove(key);
            return default;
        }
    }

    private void Answer(bool write = false)
    {
        if (IsAway) throw new IOException("away");
        if (write) Writes++;
    }
}
