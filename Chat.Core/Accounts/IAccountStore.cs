namespace Chat.Core.Accounts;

/// <summary>
/// The accounts at providers: few, some thousands. <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IAccountStore
{
    /// <summary>
    /// Claims an account for its organization by insert-if-absent, and returns what is stored: the first claim stays, and every caller
    /// gets it.
    /// </summary>
    ValueTask<Account> ClaimAccountAsync(Account account, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces everything of an account that its organization claimed, but when it was made. Of two the one with the later
    /// <see cref="Account.UpdatedAt"/> stays. One that nobody claimed, or another organization by now, is left as it is.
    /// </summary>
    ValueTask UpdateAccountAsync(Account account, CancellationToken cancellationToken);

    /// <summary>The accounts that there are of those named.</summary>
    ValueTask<IReadOnlyDictionary<AccountKey, Account>> FindAccountsAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken);

    /// <summary>All accounts of all organizations, in no order.</summary>
    ValueTask<IReadOnlyList<Account>> ListAccountsAsync(CancellationToken cancellationToken);

    /// <summary>Removes an organization's account: another one may claim it then. One that is another organization's stays.</summary>
    ValueTask RemoveAccountAsync(AccountKey key, Guid organizationId, CancellationToken cancellationToken);
}
