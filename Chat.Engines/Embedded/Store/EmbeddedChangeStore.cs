using Chat.Core.Statuses;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedChangeStore(StoreDatabase database) : IChangeStore
{
    private const string InsertChange =
        """
        INSERT INTO changes (conversation_id, seq, message_id, status, channel, at, reason, appended_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING
        """;

    private const string RaiseHead =
        "INSERT INTO heads (conversation_id, head) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET head = ?2 WHERE ?2 > head";

    /// <summary>Writes change rows, and raises heads.</summary>
    public static void Add(SqliteSession session, IReadOnlyList<StatusChange> changes)
    {
        var heads = new Dictionary<Guid, long>();
        var insert = session[InsertChange];
        for (var i = 0; i < changes.Count; i++)
        {
            var c = changes[i];
            insert.Bind(1, c.ConversationId).Bind(2, c.Seq).Bind(3, c.MessageId).Bind(4, (long)c.Status).Bind(5, c.Channel)
                .Bind(6, c.At).Bind(7, c.Reason).Bind(8, c.AppendedAt).Run();
            heads[c.ConversationId] = Math.Max(c.Seq, heads.GetValueOrDefault(c.ConversationId));
        }
        var raise = session[RaiseHead];
        foreach (var (conversation, head) in heads) raise.Bind(1, conversation).Bind(2, head).Run();
    }

    public ValueTask<ChangePage> ListChangesAsync(
        Guid conversationId, long since, int limit, CancellationToken cancellationToken) => database.ReadAsync(
        session =>
        {
            var (head, trimmed) = ReadHead(session, conversationId);
            var changes = session[
                """
                SELECT seq, message_id, status, channel, at, reason, appended_at FROM changes
                WHERE conversation_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3
                """]
                .Bind(1, conversationId).Bind(2, since).Bind(3, limit)
                .List(row => new StatusChange(
                    conversationId,
                    row.Int64(0),
                    row.Uuid(1),
                    (MessageStatus)row.Int32(2),
                    StoreRows.Interned(row, 3),
                    row.Time(4),
                    row.TextOrNull(5),
                    row.Time(6)));
            // Retention takes a conversation's changes from the lowest on: above the highest it took, all are there.
            return new ChangePage(head, since >= trimmed, changes);
        },
        cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<Guid, long>>(
            session =>
            {
                var heads = new Dictionary<Guid, long>(conversationIds.Count);
                foreach (var id in conversationIds)
                {
                    if (ReadHead(session, id).Head is > 0 and var head) heads[id] = head;
                }
                return heads;
            },
            cancellationToken);

    /// <summary>A conversation's highest number, and the highest that retention took; 0 where there is none.</summary>
    public static (long Head, long Trimmed) ReadHead(SqliteSession session, Guid conversationId) =>
        session["SELECT head, trimmed FROM heads WHERE conversation_id = ?1"].Bind(1, conversationId)
            .First(static row => (row.Int64(0), row.Int64(1)));
}
