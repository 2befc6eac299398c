using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Chat.Core.Erasure;
using Chat.Core.Idempotency;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Keys;

/// <summary>
/// The table of the idempotency keys. Rows lie in the order in which they came, and are found by a digest: clients' keys are random, and a
/// table in their order would write a page of its own for each.
/// </summary>
internal static class KeyTable
{
    public const string Name = "idempotency_keys";

    private const string OfErased = "message_id IN (SELECT id FROM temp.erased_messages) AND organization_id = ?1";

    /// <summary>One that a client can't aim at: many keys of one digest would be looked at one by one.</summary>
    public static long DigestOf(IdempotencyKey key)
    {
        const int ids = 32;
        var bytes = new byte[ids + Encoding.UTF8.GetByteCount(key.Key)];
        key.OrganizationId.TryWriteBytes(bytes, bigEndian: true, out _);
        key.UserId.TryWriteBytes(bytes.AsSpan(ids / 2), bigEndian: true, out _);
        Encoding.UTF8.GetBytes(key.Key, bytes.AsSpan(ids));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadInt64BigEndian(hash);
    }

    public static IdempotencyRecord? Find(SqliteSession session, long digest, IdempotencyKey key) =>
        session[
            """
            SELECT message_id, body_hash, created_at FROM idempotency_keys
            WHERE digest = ?1 AND organization_id = ?2 AND user_id = ?3 AND key = ?4
            """]
            .Bind(1, digest).Bind(2, key.OrganizationId).Bind(3, key.UserId).Bind(4, key.Key)
            .First(static row => new IdempotencyRecord(row.Uuid(0), row.Text(1), row.Time(2)));

    public static void Write(SqliteSession session, KeyRow row)
    {
        var (key, record) = (row.Key, row.Record);
        if (row.IsRepeat)
        {
            session["DELETE FROM idempotency_keys WHERE digest = ?1 AND organization_id = ?2 AND user_id = ?3 AND key = ?4"]
                .Bind(1, row.Digest).Bind(2, key.OrganizationId).Bind(3, key.UserId).Bind(4, key.Key).Run();
        }
        session[
            """
            INSERT INTO idempotency_keys (digest, organization_id, user_id, key, message_id, body_hash, created_at, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """]
            .Bind(1, row.Digest).Bind(2, key.OrganizationId).Bind(3, key.UserId).Bind(4, key.Key)
            .Bind(5, record.MessageId).Bind(6, record.BodyHash).Bind(7, record.CreatedAt).Bind(8, row.ExpiresAt).Run();
    }

    /// <summary>Deletes at most so many keys that have expired, and answers with how many went.</summary>
    public static int Trim(SqliteSession session, DateTimeOffset now, int max)
    {
        session["DELETE FROM idempotency_keys WHERE id IN (SELECT id FROM idempotency_keys WHERE expires_at < ?1 LIMIT ?2)"]
            .Bind(1, now).Bind(2, max).Run();
        return session.Changes;
    }

    /// <summary>Deletes the keys of messages that are erased; reads through all of them.</summary>
    public static ErasedRows Erase(SqliteSession session, ErasureScope scope, bool dryRun)
    {
        session.Execute("CREATE TEMP TABLE IF NOT EXISTS erased_messages (id BLOB PRIMARY KEY) WITHOUT ROWID");
        var insert = session["INSERT INTO temp.erased_messages (id) VALUES (?1) ON CONFLICT DO NOTHING"];
        foreach (var message in scope.Messages) insert.Bind(1, message).Run();
        var count = session[$"SELECT count(*) FROM idempotency_keys WHERE {OfErased}"]
            .Bind(1, scope.OrganizationId).Single(static row => row.Int64(0));
        if (!dryRun && count > 0) session[$"DELETE FROM idempotency_keys WHERE {OfErased}"].Bind(1, scope.OrganizationId).Run();
        session["DELETE FROM temp.erased_messages"].Run();
        return new(Name, count);
    }
}
