using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Core.Store;

namespace Chat.Engines.Embedded.Store;

public sealed partial class EmbeddedMessageStore
{
    private const string InsertChange = "INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";

    private const string RaiseHead =
        "INSERT INTO heads (conversation_id, head) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET head = ?2 WHERE ?2 > head";

    public ValueTask AddChangesAsync(IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken) => WriteAsync(
        session =>
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
        },
        cancellationToken);

    public ValueTask<ChangePage> ListChangesAsync(Guid conversationId, long since, int limit, CancellationToken cancellationToken) => ReadAsync(
        session =>
        {
            var (head, trimmed) = Head(session, conversationId);
            var changes = new List<StatusChange>();
            var select = session[
                """
                SELECT seq, message_id, status, channel, at, reason, appended_at FROM changes
                WHERE conversation_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3
                """]
                .Bind(1, conversationId).Bind(2, since).Bind(3, limit);
            while (select.Step())
            {
                changes.Add(new(
                    conversationId,
                    select.Int64(0),
                    select.Uuid(1),
                    (MessageStatus)select.Int32(2),
                    StoreRows.Interned(select, 3),
                    select.Time(4),
                    select.TextOrNull(5),
                    select.Time(6)));
            }
            // Retention takes a conversation's changes from the lowest on: above the highest it took, all are there.
            return new ChangePage(head, since >= trimmed, changes);
        },
        cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) => ReadAsync<IReadOnlyDictionary<Guid, long>>(
        session =>
        {
            var heads = new Dictionary<Guid, long>(conversationIds.Count);
            foreach (var id in conversationIds)
            {
                if (Head(session, id).Head is > 0 and var head) heads[id] = head;
            }
            return heads;
        },
        cancellationToken);

    public ValueTask<int> ClaimEpochAsync(string topic, string identity, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            // From 1, since the number 0 means that a conversation never changed.
            session[
                """
                INSERT INTO epochs SELECT ?1, ?2, coalesce(max(epoch), 0) + 1 FROM epochs WHERE topic = ?1
                ON CONFLICT (topic, identity) DO NOTHING
                """]
                .Bind(1, topic).Bind(2, identity).Run();
            var select = session["SELECT epoch FROM epochs WHERE topic = ?1 AND identity = ?2"].Bind(1, topic).Bind(2, identity);
            select.Step();
            var epoch = select.Int32(0);
            select.Reset();
            return epoch <= SequenceNumber.MaxEpoch
                ? epoch
                : throw new InvalidOperationException($"Topic {topic} was made anew {epoch} times: its numbers would collide.");
        },
        cancellationToken);

    public ValueTask<ClaimedEpoch?> GetLatestEpochAsync(string topic, CancellationToken cancellationToken) => ReadAsync<ClaimedEpoch?>(
        session =>
        {
            var select = session["SELECT epoch, identity FROM epochs WHERE topic = ?1 ORDER BY epoch DESC LIMIT 1"].Bind(1, topic);
            ClaimedEpoch? latest = select.Step() ? new(select.Int32(0), select.Text(1)) : null;
            select.Reset();
            return latest;
        },
        cancellationToken);
}
