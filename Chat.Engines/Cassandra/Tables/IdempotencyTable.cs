using Chat.Core.Idempotency;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>Idempotency keys: claimed by lightweight transactions, forgotten by time-to-live.</summary>
internal sealed class IdempotencyTable(CassandraConnection connection) : IIdempotencyStore
{
    /// <summary>
    /// Rows outlive the claim's lifetime by this: whether a record still holds is decided by its time, the row's expiry only
    /// clears it away.
    /// </summary>
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestTimeToLive = TimeSpan.FromSeconds(630_720_000);

    private static readonly Cql Claim = new(
        """
        INSERT INTO idempotency_keys (organization_id, user_id, idempotency_key, message_id, body_hash, created_at)
        VALUES (?, ?, ?, ?, ?, ?) IF NOT EXISTS USING TTL ?
        """)
    { Idempotent = false };

    private static readonly Cql Replace = new(
        """
        UPDATE idempotency_keys USING TTL ? SET message_id = ?, body_hash = ?, created_at = ?
        WHERE organization_id = ? AND user_id = ? AND idempotency_key = ? IF message_id = ? AND created_at = ?
        """)
    { Idempotent = false };

    public async ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var timeToLive = (int)(lifetime < LongestTimeToLive - Slack ? lifetime + Slack : LongestTimeToLive).TotalSeconds;
        while (true)
        {
            var answer = await session.TransactAsync(
                Claim,
                cancellationToken,
                key.OrganizationId,
                key.UserId,
                key.Key,
                record.MessageId,
                record.BodyHash,
                record.CreatedAt,
                timeToLive);
            if (answer.GetValue<bool>("[applied]")) return record;
            var stored = new IdempotencyRecord(
                answer.GetValue<Guid>("message_id"),
                answer.GetValue<string>("body_hash"),
                answer.GetValue<DateTimeOffset>("created_at"));
            if (stored.CreatedAt >= record.CreatedAt - lifetime) return stored;
            answer = await session.TransactAsync(
                Replace,
                cancellationToken,
                timeToLive,
                record.MessageId,
                record.BodyHash,
                record.CreatedAt,
                key.OrganizationId,
                key.UserId,
                key.Key,
                stored.MessageId,
                stored.CreatedAt);
            if (answer.GetValue<bool>("[applied]")) return record;
        }
    }
}
