using Chat.Core.Providers;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedSendLedger(StoreDatabase database) : ISendLedger
{
    private const string Columns =
        "message_id, conversation_id, channel, account_id, number, owner, at, outcome, provider_message_id";

    private const string Insert =
        $"INSERT INTO send_tries ({Columns}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO ";

    // What open_send_tries is made with; the number of SendOutcome.Unknown.
    private const string IsOpen = "(outcome IS NULL OR outcome = 3)";

    private const string Claim = $"{Insert} NOTHING";

    private const string Answer =
        $"{Insert} UPDATE SET outcome = ?8, provider_message_id = ?9 WHERE {IsOpen} AND ?8 IS NOT NULL AND outcome IS NOT ?8";

    public ValueTask<SendEntry> ClaimTryAsync(SendTry claim, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            Bind(session[Claim], new(claim, null, null)).Run();
            return session[$"SELECT {Columns} FROM send_tries WHERE message_id = ?1 AND number = ?2"]
                .Bind(1, claim.MessageId).Bind(2, claim.Number).Single(Read);
        },
        cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, SendEntry>> FindLatestTriesAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<Guid, SendEntry>>(
            session =>
            {
                var found = new Dictionary<Guid, SendEntry>(messageIds.Count);
                var select = session[$"SELECT {Columns} FROM send_tries WHERE message_id = ?1 ORDER BY number DESC LIMIT 1"];
                foreach (var id in messageIds)
                {
                    if (select.Bind(1, id).First(Read) is { } entry) found[id] = entry;
                }
                return found;
            },
            cancellationToken);

    public ValueTask RecordAnswersAsync(IReadOnlyList<SendEntry> answers, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var upsert = session[Answer];
            foreach (var answer in answers) Bind(upsert, answer).Run();
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<SendEntry>> ListOpenTriesAsync(
        string channel, DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<SendEntry>>(
            session => session[
                $"""
                SELECT {Columns} FROM send_tries INDEXED BY open_send_tries
                WHERE channel = ?1 AND at < ?2 AND {IsOpen} ORDER BY at, message_id, number LIMIT ?3
                """]
                .Bind(1, channel).Bind(2, before).Bind(3, limit).List(Read),
            cancellationToken);

    private static SqliteStatement Bind(SqliteStatement statement, SendEntry entry)
    {
        var (t, outcome, id) = entry;
        return statement.Bind(1, t.MessageId).Bind(2, t.ConversationId).Bind(3, t.Account.Channel).Bind(4, t.Account.AccountId)
            .Bind(5, t.Number).Bind(6, t.Owner).Bind(7, t.At).Bind(8, (long?)outcome).Bind(9, id);
    }

    private static SendEntry Read(SqliteStatement row) => new(
        new(row.Uuid(0), row.Uuid(1), new(row.Text(2), row.Text(3)), row.Int32(4), row.Uuid(5), row.Time(6)),
        row.IsNull(7) ? null : (SendOutcome)row.Int32(7),
        row.TextOrNull(8));
}
