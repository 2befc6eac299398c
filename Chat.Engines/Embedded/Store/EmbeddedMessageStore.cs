using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedMessageStore(StoreDatabase database, StateCache states) : IMessageStore
{
    private const string InsertMessage =
        """
        INSERT INTO messages (message_id, conversation_id, organization_id, sender_id, channel, direction, type, content, recipient,
            created_at, position, account_id, provider_message_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING
        """;

    private static readonly string SelectState =
        $"""
        SELECT {StoreRows.MessageColumns}, {StoreRows.FactColumns}, {StoreRows.AnnouncedColumns}
        FROM (SELECT ?1 AS message_id, ?2 AS conversation_id) k
        LEFT JOIN messages m ON m.message_id = k.message_id AND m.conversation_id = k.conversation_id
        LEFT JOIN facts f ON f.message_id = k.message_id AND f.conversation_id = k.conversation_id
        """;

    private static readonly string SelectPage =
        $"""
        SELECT {StoreRows.MessageColumns}, {StoreRows.FactColumns}, m.message_id
        FROM messages m INDEXED BY messages_by_position
        LEFT JOIN facts f ON f.message_id = m.message_id AND f.conversation_id = m.conversation_id
        """;

    // Where SelectPage has the message's id: behind the message and its facts.
    private const int PageMessageId = StoreRows.MessageColumnCount + StoreRows.FactColumnCount;

    private static readonly string SelectFirstPage = $"{SelectPage} WHERE m.conversation_id = ?1 {Order}";

    private static readonly string SelectNextPage =
        $"{SelectPage} WHERE m.conversation_id = ?1 AND (m.position, m.message_id) < (?4, ?3) {Order}";

    private const string Order = "ORDER BY m.position DESC, m.message_id DESC LIMIT ?2";

    private const string FindPosition = "SELECT position FROM messages WHERE message_id = ?2 AND conversation_id = ?1";

    // Reads the conversation's index; only for a cursor that is not stored.
    private const string FindPositionBelow =
        """
        SELECT position FROM messages INDEXED BY messages_by_position
        WHERE conversation_id = ?1 AND message_id < ?2 ORDER BY message_id DESC LIMIT 1
        """;

    public ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var added = new List<MessageState>(messages.Count);
            var insert = session[InsertMessage];
            for (var i = 0; i < messages.Count; i++)
            {
                var m = messages[i];
                insert.Bind(1, m.MessageId).Bind(2, m.ConversationId).Bind(3, m.OrganizationId).Bind(4, m.SenderId).Bind(5, m.Channel)
                    .Bind(6, m.Direction).Bind(7, m.Type).Bind(8, m.Content).Bind(9, m.Recipient).Bind(10, m.CreatedAt)
                    .Bind(11, m.Position).Bind(12, m.AccountId).Bind(13, m.ProviderMessageId).Run();
                if (session.Changes > 0) added.Add(StateOfNew(session, m));
            }
            return added;
        },
        added =>
        {
            foreach (var state in added) states.Added(state);
        },
        cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<Guid, MessageKey>>(
            session =>
            {
                var found = new Dictionary<Guid, MessageKey>(messageIds.Count);
                var select = session["SELECT conversation_id FROM messages WHERE message_id = ?1 LIMIT 1"];
                foreach (var id in messageIds)
                {
                    if (select.Bind(1, id).First<MessageKey?>(row => new(row.Uuid(0), id)) is { } key) found[id] = key;
                }
                return found;
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        var found = new MessageState[keys.Count];
        List<(int Index, StateCache.Entry Entry)>? missing = null;
        for (var i = 0; i < found.Length; i++)
        {
            if (states.Find(keys[i]) is { } known) found[i] = known;
            else (missing ??= []).Add((i, states.BeginLoad(keys[i])));
        }
        return missing is null ? new(found) : database.ReadAsync<IReadOnlyList<MessageState>>(
            session =>
            {
                foreach (var (index, entry) in missing) found[index] = StateCache.Load(entry, ReadState(session, keys[index]));
                return found;
            },
            cancellationToken);
    }

    public ValueTask<MessagePage> ListMessagesAsync(
        Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken) => database.ReadAsync(
        session =>
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
            // One more than asked for tells whether this is the last page. Head and items are of one snapshot.
            var head = EmbeddedChangeStore.ReadHead(session, conversationId).Head;
            // Of a cursor below which there is no message, this is below all positions.
            var position = before is { } cursor ? PositionOf(session, conversationId, cursor) ?? -1 : 0;
            var select = session[before is null ? SelectFirstPage : SelectNextPage].Bind(1, conversationId).Bind(2, limit + 1L);
            if (before is { } id) select.Bind(3, id).Bind(4, position);
            var items = select.List(row => new MessageWithFacts(
                StoreRows.Message(row, 0, new(conversationId, row.Uuid(PageMessageId)))!,
                StoreRows.Facts(row, StoreRows.MessageColumnCount)));
            if (items.Count <= limit) return new MessagePage(items, null, head);
            items.RemoveAt(limit);
            return new MessagePage(items, items[^1].Message.MessageId, head);
        },
        cancellationToken);

    /// <summary>The position of a message, or of the one with the nearest id below where it is not stored; null where none is.</summary>
    private static long? PositionOf(SqliteSession session, Guid conversationId, Guid messageId) =>
        Find(session, FindPosition, conversationId, messageId) ?? Find(session, FindPositionBelow, conversationId, messageId);

    private static long? Find(SqliteSession session, string sql, Guid conversationId, Guid messageId) =>
        session[sql].Bind(1, conversationId).Bind(2, messageId).First<long?>(static row => row.Int64(0));

    /// <summary>The state of a message that was just inserted: its statuses may have been here first.</summary>
    private static MessageState StateOfNew(SqliteSession session, Message message)
    {
        var key = new MessageKey(message.ConversationId, message.MessageId);
        var hasFacts = session["SELECT 1 FROM facts WHERE message_id = ?1 AND conversation_id = ?2"]
            .Bind(1, key.MessageId).Bind(2, key.ConversationId).Any();
        return hasFacts
            ? ReadState(session, key)
            : new(key, message with { CreatedAt = WireTime.TruncateToMilliseconds(message.CreatedAt) }, StatusFacts.None);
    }

    private static MessageState ReadState(SqliteSession session, MessageKey key) =>
        session[SelectState].Bind(1, key.MessageId).Bind(2, key.ConversationId).Single(
            row => new MessageState(
                key,
                StoreRows.Message(row, 0, key),
                StoreRows.Facts(row, StoreRows.MessageColumnCount),
                StoreRows.Announced(row, StoreRows.MessageColumnCount + StoreRows.FactColumnCount)));
}
