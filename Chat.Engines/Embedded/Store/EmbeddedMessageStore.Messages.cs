using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.Core.Store;
using Chat.Core.Time;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

public sealed partial class EmbeddedMessageStore
{
    private const string InsertMessage = "INSERT INTO messages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING";

    private const string SelectState =
        $"""
        SELECT {StoreRows.MessageColumns}, {StoreRows.FactColumns}
        FROM (SELECT ?1 AS message_id, ?2 AS conversation_id) k
        LEFT JOIN messages m ON m.message_id = k.message_id AND m.conversation_id = k.conversation_id
        LEFT JOIN facts f ON f.message_id = k.message_id AND f.conversation_id = k.conversation_id
        """;

    private const string SelectPage =
        $"""
        SELECT {StoreRows.MessageColumns}, {StoreRows.FactColumns}, m.message_id
        FROM messages m INDEXED BY messages_by_conversation
        LEFT JOIN facts f ON f.message_id = m.message_id AND f.conversation_id = m.conversation_id
        """;

    private const string SelectFirstPage = $"{SelectPage} WHERE m.conversation_id = ?1 ORDER BY m.message_id DESC LIMIT ?2";

    private const string SelectNextPage =
        $"{SelectPage} WHERE m.conversation_id = ?1 AND m.message_id < ?3 ORDER BY m.message_id DESC LIMIT ?2";

    public async ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken) => await WriteAsync(
        session =>
        {
            var added = new List<MessageState>(messages.Count);
            var insert = session[InsertMessage];
            for (var i = 0; i < messages.Count; i++)
            {
                var m = messages[i];
                insert.Bind(1, m.MessageId).Bind(2, m.ConversationId).Bind(3, m.OrganizationId).Bind(4, m.SenderId).Bind(5, m.Channel)
                    .Bind(6, m.Direction).Bind(7, m.Type).Bind(8, m.Content).Bind(9, m.Recipient).Bind(10, m.CreatedAt).Run();
                if (session.Changes > 0) added.Add(StateOfNew(session, m));
            }
            return added;
        },
        added =>
        {
            foreach (var state in added) _states.Added(state);
        },
        cancellationToken);

    public ValueTask<MessageKey?> FindMessageKeyAsync(Guid messageId, CancellationToken cancellationToken) => ReadAsync<MessageKey?>(
        session =>
        {
            var select = session["SELECT conversation_id FROM messages WHERE message_id = ?1 LIMIT 1"].Bind(1, messageId);
            if (!select.Step()) return null;
            var key = new MessageKey(select.Uuid(0), messageId);
            select.Reset();
            return key;
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken)
    {
        var states = new MessageState[keys.Count];
        List<(int Index, StateCache.Entry Entry)>? missing = null;
        for (var i = 0; i < states.Length; i++)
        {
            if (_states.Find(keys[i]) is { } known) states[i] = known;
            else (missing ??= []).Add((i, _states.BeginLoad(keys[i])));
        }
        return missing is null ? new(states) : ReadAsync<IReadOnlyList<MessageState>>(
            session =>
            {
                foreach (var (index, entry) in missing) states[index] = StateCache.Load(entry, ReadState(session, keys[index]));
                return states;
            },
            cancellationToken);
    }

    /// <summary>The state of a message that was just inserted: its statuses may have been here first.</summary>
    private static MessageState StateOfNew(SqliteSession session, Message message)
    {
        var key = new MessageKey(message.ConversationId, message.MessageId);
        var select = session["SELECT 1 FROM facts WHERE message_id = ?1 AND conversation_id = ?2"]
            .Bind(1, key.MessageId).Bind(2, key.ConversationId);
        if (!select.Step()) return new(key, message with { CreatedAt = WireTime.TruncateToMilliseconds(message.CreatedAt) }, StatusFacts.None);
        select.Reset();
        return ReadState(session, key);
    }

    private static MessageState ReadState(SqliteSession session, MessageKey key)
    {
        var select = session[SelectState].Bind(1, key.MessageId).Bind(2, key.ConversationId);
        select.Step();
        var state = new MessageState(key, StoreRows.Message(select, 0, key), StoreRows.Facts(select, StoreRows.MessageColumnCount));
        select.Reset();
        return state;
    }

    public ValueTask<MessagePage> ListMessagesAsync(Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken) => ReadAsync(
        session =>
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
            // One more than asked for tells whether this is the last page. Head and items are of one snapshot.
            var head = Head(session, conversationId).Head;
            var select = session[before is null ? SelectFirstPage : SelectNextPage].Bind(1, conversationId).Bind(2, limit + 1L);
            if (before is { } id) select.Bind(3, id);
            var items = new List<MessageWithFacts>();
            while (select.Step())
            {
                if (items.Count == limit)
                {
                    select.Reset();
                    return new MessagePage(items, items[^1].Message.MessageId, head);
                }
                var key = new MessageKey(conversationId, select.Uuid(20));
                items.Add(new(StoreRows.Message(select, 0, key)!, StoreRows.Facts(select, StoreRows.MessageColumnCount)));
            }
            return new MessagePage(items, null, head);
        },
        cancellationToken);

    private static (long Head, long Trimmed) Head(SqliteSession session, Guid conversationId)
    {
        var select = session["SELECT head, trimmed FROM heads WHERE conversation_id = ?1"].Bind(1, conversationId);
        if (!select.Step()) return (0, 0);
        var head = (select.Int64(0), select.Int64(1));
        select.Reset();
        return head;
    }
}
