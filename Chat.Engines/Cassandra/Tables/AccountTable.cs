using Cassandra;
using Chat.Core.Accounts;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Accounts, in one partition: they are few, and read together every few seconds. Every column has a value, empty for none, since a value
/// that is not given is left as it is.
/// </summary>
internal sealed class AccountTable(CassandraConnection connection) : IAccountStore
{
    private const int Part = 0;

    private static readonly Cql Claim = new(
        """
        INSERT INTO accounts (part, channel, account_id, organization_id, business_id, display_name, app, sealed_credentials, state,
            attention, messages_per_second, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) IF NOT EXISTS
        """);

    private static readonly Cql Update = new(
        """
        UPDATE accounts SET business_id = ?, display_name = ?, app = ?, sealed_credentials = ?, state = ?, attention = ?,
            messages_per_second = ?, updated_at = ?
        WHERE part = ? AND channel = ? AND account_id = ? IF organization_id = ? AND updated_at < ?
        """);

    private static readonly Cql Remove = new(
        "DELETE FROM accounts WHERE part = ? AND channel = ? AND account_id = ? IF organization_id = ?");

    private static readonly Cql Find = new("SELECT * FROM accounts WHERE part = ? AND channel = ? AND account_id = ?");

    private static readonly Cql List = new("SELECT * FROM accounts WHERE part = ?");

    public async ValueTask<Account> ClaimAccountAsync(Account account, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var answer = await session.TransactAsync(
            Claim,
            cancellationToken,
            Part,
            account.Key.Channel,
            account.Key.AccountId,
            account.OrganizationId,
            account.BusinessId ?? "",
            account.DisplayName ?? "",
            account.App,
            account.SealedCredentials.ToArray(),
            (int)account.State,
            account.Attention ?? "",
            account.MessagesPerSecond ?? 0,
            account.CreatedAt,
            account.UpdatedAt);
        return answer.GetValue<bool>("[applied]") ? account : Read(answer);
    }

    public async ValueTask UpdateAccountAsync(Account account, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        await session.TransactAsync(
            Update,
            cancellationToken,
            account.BusinessId ?? "",
            account.DisplayName ?? "",
            account.App,
            account.SealedCredentials.ToArray(),
            (int)account.State,
            account.Attention ?? "",
            account.MessagesPerSecond ?? 0,
            account.UpdatedAt,
            Part,
            account.Key.Channel,
            account.Key.AccountId,
            account.OrganizationId,
            account.UpdatedAt);
    }

    public async ValueTask<IReadOnlyDictionary<AccountKey, Account>> FindAccountsAsync(
        IReadOnlyCollection<AccountKey> keys, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        AccountKey[] wanted = [.. keys.Distinct()];
        var found = new Account?[wanted.Length];
        await session.ForEachAsync(
            [.. Enumerable.Range(0, wanted.Length)],
            async (i, ct) => found[i] = await session.FindAsync(Find, ct, Part, wanted[i].Channel, wanted[i].AccountId) is { } row
                ? Read(row)
                : null,
            cancellationToken);
        return found.OfType<Account>().ToDictionary(a => a.Key);
    }

    public async ValueTask<IReadOnlyList<Account>> ListAccountsAsync(CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var accounts = new List<Account>();
        await foreach (var row in session.QueryAsync(List, cancellationToken, Part)) accounts.Add(Read(row));
        return accounts;
    }

    public async ValueTask RemoveAccountAsync(AccountKey key, Guid organizationId, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        await session.TransactAsync(Remove, cancellationToken, Part, key.Channel, key.AccountId, organizationId);
    }

    private static Account Read(Row row) => new(
        new(row.GetValue<string>("channel"), row.GetValue<string>("account_id")),
        row.GetValue<Guid>("organization_id"),
        TextOrNull(row, "business_id"),
        TextOrNull(row, "display_name"),
        row.GetValue<string>("app"),
        row.GetValue<byte[]>("sealed_credentials"),
        (AccountState)row.GetValue<int>("state"),
        TextOrNull(row, "attention"),
        row.GetValue<int>("messages_per_second") is > 0 and var limit ? limit : null,
        row.GetValue<DateTimeOffset>("created_at"),
        row.GetValue<DateTimeOffset>("updated_at"));

    private static string? TextOrNull(Row row, string column) => row.GetValue<string>(column) is { Length: > 0 } text ? text : null;
}
