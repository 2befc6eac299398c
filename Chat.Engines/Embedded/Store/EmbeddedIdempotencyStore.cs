using Chat.Core.Idempotency;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedIdempotencyStore(StoreDatabase database) : IIdempotencyStore
{
    public ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken) => database.WriteAsync(
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
            return session[
                """
                SELECT message_id, body_hash, created_at FROM idempotency_keys
                WHERE organization_id = ?1 AND user_id = ?2 AND key = ?3
                """]
                .Bind(1, key.OrganizationId).Bind(2, key.UserId).Bind(3, key.Key)
                .Single(static row => new IdempotencyRecord(row.Uuid(0), row.Text(1), row.Time(2)));
        },
        cancellationToken);
}
