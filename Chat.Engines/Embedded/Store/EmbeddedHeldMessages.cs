using Chat.Core.Accounts;
using Chat.Core.Providers;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedHeldMessages(StoreDatabase database) : IHeldMessages
{
    private const string Columns = "message_id, hold_id, conversation_id, scope, value, not_before";

    private const string SelectFirst = $"SELECT {Columns} FROM held_messages WHERE channel = ?1 AND account_id = ?2 {Order}";

    private const string SelectNext =
        $"""
        SELECT {Columns} FROM held_messages WHERE channel = ?1 AND account_id = ?2 AND (message_id, hold_id) > (?4, ?5) {Order}
        """;

    // From one account to the next: a row of each is read, however many it holds.
    private const string SelectAccounts =
        """
        WITH RECURSIVE accounts (id) AS (
            SELECT min(account_id) FROM held_messages WHERE channel = ?1
            UNION ALL
            SELECT (SELECT min(account_id) FROM held_messages WHERE channel = ?1 AND account_id > accounts.id)
            FROM accounts WHERE accounts.id IS NOT NULL)
        SELECT id FROM accounts WHERE id IS NOT NULL
        """;

    private const string Order = "ORDER BY message_id, hold_id LIMIT ?3";

    public ValueTask HoldAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var insert = session[
                $"""
                INSERT INTO held_messages (channel, account_id, {Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                ON CONFLICT DO NOTHING
                """];
            foreach (var m in messages)
            {
                insert.Bind(1, m.Account.Channel).Bind(2, m.Account.AccountId).Bind(3, m.MessageId).Bind(4, m.HoldId)
                    .Bind(5, m.ConversationId).Bind(6, m.Scope).BindBlob(7, m.Value.Span).Bind(8, m.NotBefore).Run();
            }
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<HeldMessage>> ListHeldAsync(
        AccountKey account, HeldPlace? after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<HeldMessage>>(
            session =>
            {
                var select = session[after is null ? SelectFirst : SelectNext]
                    .Bind(1, account.Channel).Bind(2, account.AccountId).Bind(3, limit);
                if (after is { } place) select.Bind(4, place.MessageId).Bind(5, place.HoldId);
                return select.List(row => new HeldMessage(
                    account,
                    row.Uuid(0),
                    row.Uuid(1),
                    row.Uuid(2),
                    row.Text(3),
                    row.Bytes(4).ToArray(),
                    HeldMessage.TimeOf(row.Time(5))));
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<AccountKey>> ListHeldAccountsAsync(string channel, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AccountKey>>(
            session => session[SelectAccounts].Bind(1, channel).List(row => new AccountKey(channel, row.Text(0))), cancellationToken);

    public ValueTask ReleaseAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var delete = session[
                "DELETE FROM held_messages WHERE channel = ?1 AND account_id = ?2 AND message_id = ?3 AND hold_id = ?4"];
            foreach (var m in messages)
                delete.Bind(1, m.Account.Channel).Bind(2, m.Account.AccountId).Bind(3, m.MessageId).Bind(4, m.HoldId).Run();
        },
        cancellationToken);
}
