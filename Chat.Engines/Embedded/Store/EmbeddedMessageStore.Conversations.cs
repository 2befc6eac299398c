using Chat.Core.Store;

namespace Chat.Engines.Embedded.Store;

public sealed partial class EmbeddedMessageStore
{
    public ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            session["INSERT INTO conversations VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"]
                .Bind(1, claim.ConversationId).Bind(2, claim.OrganizationId).Bind(3, claim.CreatedAt).Run();
            var row = session["SELECT organization_id, created_at FROM conversations WHERE conversation_id = ?1"].Bind(1, claim.ConversationId);
            row.Step();
            var owner = new ConversationOwner(claim.ConversationId, row.Uuid(0), row.Time(1));
            row.Reset();
            return owner;
        },
        cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) => ReadAsync<IReadOnlyDictionary<Guid, ConversationOwner>>(
        session =>
        {
            var owners = new Dictionary<Guid, ConversationOwner>(conversationIds.Count);
            var select = session["SELECT organization_id, created_at FROM conversations WHERE conversation_id = ?1"];
            foreach (var id in conversationIds)
            {
                if (!select.Bind(1, id).Step()) continue;
                owners[id] = new(id, select.Uuid(0), select.Time(1));
                select.Reset();
            }
            return owners;
        },
        cancellationToken);

    public ValueTask AddPosterAsync(Guid conversationId, Guid userId, string? recipient, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            session["INSERT INTO posters VALUES (?1, ?2) ON CONFLICT DO NOTHING"].Bind(1, conversationId).Bind(2, userId).Run();
            if (recipient is null) return;
            session["INSERT INTO recipients VALUES (?1, ?2) ON CONFLICT DO UPDATE SET recipient = excluded.recipient"]
                .Bind(1, conversationId).Bind(2, recipient).Run();
        },
        cancellationToken);

    public ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) => ReadAsync(
        session =>
        {
            var select = session["SELECT 1 FROM posters WHERE conversation_id = ?1 AND user_id = ?2"].Bind(1, conversationId).Bind(2, userId);
            var posted = select.Step();
            select.Reset();
            return posted;
        },
        cancellationToken);

    public ValueTask<string?> FindRecipientAsync(Guid conversationId, CancellationToken cancellationToken) => ReadAsync(
        session =>
        {
            var select = session["SELECT recipient FROM recipients WHERE conversation_id = ?1"].Bind(1, conversationId);
            var recipient = select.Step() ? select.Text(0) : null;
            select.Reset();
            return recipient;
        },
        cancellationToken);

    public ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            // An earlier record that is too old makes room.
            session[
                """
                INSERT INTO idempotency_keys (organization_id, user_id, key, message_id, body_hash, created_at, expires_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                ON CONFLICT DO UPDATE SET
                    message_id = excluded.message_id, body_hash = excluded.body_hash,
                    created_at = excluded.created_at, expires_at = excluded.expires_at
                WHERE created_at < ?8
                """]
                .Bind(1, key.OrganizationId).Bind(2, key.UserId).Bind(3, key.Key)
                .Bind(4, record.MessageId).Bind(5, record.BodyHash).Bind(6, record.CreatedAt)
                .Bind(7, record.CreatedAt + lifetime).Bind(8, record.CreatedAt - lifetime).Run();
            var row = session[
                "SELECT message_id, body_hash, created_at FROM idempotency_keys WHERE organization_id = ?1 AND user_id = ?2 AND key = ?3"]
                .Bind(1, key.OrganizationId).Bind(2, key.UserId).Bind(3, key.Key);
            row.Step();
            var standing = new IdempotencyRecord(row.Uuid(0), row.Text(1), row.Time(2));
            row.Reset();
            return standing;
        },
        cancellationToken);
}
