using Chat.Core.Accounts;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedAccountStore(StoreDatabase database) : IAccountStore
{
    private const string Columns =
        """
        channel, account_id, organization_id, business_id, display_name, app, sealed_credentials, state, attention, messages_per_second,
        created_at, updated_at
        """;

    private const string Insert =
        $"""
        INSERT INTO accounts ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT DO NOTHING
        """;

    private const string Update =
        """
        UPDATE accounts SET business_id = ?4, display_name = ?5, app = ?6, sealed_credentials = ?7, state = ?8, attention = ?9,
            messages_per_second = ?10, updated_at = ?12
        WHERE channel = ?1 AND account_id = ?2 AND organization_id = ?3 AND updated_at < ?12 AND ?11 IS NOT NULL
        """;

    private const string SelectAll = $"SELECT {Columns} FROM accounts";

    private const string SelectOne = $"{SelectAll} WHERE channel = ?1 AND account_id = ?2";

    public ValueTask<Account> ClaimAccountAsync(Account account, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            Bind(session[Insert], account).Run();
            return Find(session, account.Key)!;
        },
        cancellationToken);

    public ValueTask UpdateAccountAsync(Account account, CancellationToken cancellationToken) =>
        database.WriteAsync(session => Bind(session[Update], account).Run(), cancellationToken);

    public ValueTask<IReadOnlyDictionary<AccountKey, Account>> FindAccountsAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<AccountKey, Account>>(
            session =>
            {
                var found = new Dictionary<AccountKey, Account>(keys.Count);
                foreach (var key in keys)
                {
                    if (Find(session, key) is { } account) found[key] = account;
                }
                return found;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<Account>> ListAccountsAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Account>>(session => session[SelectAll].List(Read), cancellationToken);

    public ValueTask RemoveAccountAsync(AccountKey key, Guid organizationId, CancellationToken cancellationToken) => database.WriteAsync(
        session => session["DELETE FROM accounts WHERE channel = ?1 AND account_id = ?2 AND organization_id = ?3"]
            .Bind(1, key.Channel).Bind(2, key.AccountId).Bind(3, organizationId).Run(),
        cancellationToken);

    private static Account? Find(SqliteSession session, AccountKey key) =>
        session[SelectOne].Bind(1, key.Channel).Bind(2, key.AccountId).First(Read);

    private static SqliteStatement Bind(SqliteStatement statement, Account a) => statement
        .Bind(1, a.Key.Channel).Bind(2, a.Key.AccountId).Bind(3, a.OrganizationId).Bind(4, a.BusinessId).Bind(5, a.DisplayName)
        .Bind(6, a.App).BindBlob(7, a.SealedCredentials.Span).Bind(8, (long)a.State).Bind(9, a.Attention)
        .Bind(10, a.MessagesPerSecond).Bind(11, a.CreatedAt).Bind(12, a.UpdatedAt);

    private static Account Read(SqliteStatement row) => new(
        new(row.Text(0), row.Text(1)),
        row.Uuid(2),
        row.TextOrNull(3),
        row.TextOrNull(4),
        row.Text(5),
        row.Bytes(6).ToArray(),
        (AccountState)row.Int32(7),
        row.TextOrNull(8),
        row.IsNull(9) ? null : row.Int32(9),
        row.Time(10),
        row.Time(11));
}
