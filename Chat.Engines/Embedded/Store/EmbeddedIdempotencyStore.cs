using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Chat.Core.Idempotency;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

/// <summary>
/// Rows lie in the order in which they came, and are found by a digest: clients' keys are random, and a table in their order would write a
/// page of its own for each. The store's one writer is what keeps a key from having two rows.
/// </summary>
internal sealed class EmbeddedIdempotencyStore(StoreDatabase database) : IIdempotencyStore
{
    private const int FilledAtOnce = 10_000;

    public ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        // Here and not on the writer's thread, of which there is one.
        var digest = DigestOf(key);
        return database.WriteAsync(session => Claim(session, digest, key, record, lifetime), cancellationToken);
    }

    /// <summary>Gives rows of an earlier version of the file their digests.</summary>
    public static void FillDigests(SqliteSession session)
    {
        while (FillSome(session) == FilledAtOnce) { }
    }

    private static int FillSome(SqliteSession session)
    {
        var old = session["SELECT id, organization_id, user_id, key FROM idempotency_keys WHERE digest IS NULL LIMIT ?1"]
            .Bind(1, FilledAtOnce)
            .List(static row => (Id: row.Int64(0), Key: new IdempotencyKey(row.Uuid(1), row.Uuid(2), row.Text(3))));
        session["BEGIN IMMEDIATE"].Run();
        foreach (var (id, key) in old)
            session["UPDATE idempotency_keys SET digest = ?2 WHERE id = ?1"].Bind(1, id).Bind(2, DigestOf(key)).Run();
        session["COMMIT"].Run();
        return old.Count;
    }

    private static IdempotencyRecord Claim(
        SqliteSession session, long digest, IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime)
    {
        var found = session[
            """
            SELECT id, message_id, body_hash, created_at FROM idempotency_keys
            WHERE digest = ?1 AND organization_id = ?2 AND user_id = ?3 AND key = ?4
            """]
            .Bind(1, digest).Bind(2, key.OrganizationId).Bind(3, key.UserId).Bind(4, key.Key)
            .First<(long Id, IdempotencyRecord Record)?>(static row => (row.Int64(0), new(row.Uuid(1), row.Text(2), row.Time(3))));
        if (found is not { } earlier)
        {
            session[
                """
                INSERT INTO idempotency_keys (digest, organization_id, user_id, key, message_id, body_hash, created_at, expires_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                """]
                .Bind(1, digest).Bind(2, key.OrganizationId).Bind(3, key.UserId).Bind(4, key.Key)
                .Bind(5, record.MessageId).Bind(6, record.BodyHash).Bind(7, record.CreatedAt).Bind(8, record.CreatedAt + lifetime).Run();
            return record;
        }
        if (earlier.Record.CreatedAt >= record.CreatedAt - lifetime) return earlier.Record;
        // One that is too old makes room.
        session["UPDATE idempotency_keys SET message_id = ?2, body_hash = ?3, created_at = ?4, expires_at = ?5 WHERE id = ?1"]
            .Bind(1, earlier.Id).Bind(2, record.MessageId).Bind(3, record.BodyHash).Bind(4, record.CreatedAt)
            .Bind(5, record.CreatedAt + lifetime).Run();
        return record;
    }

    // One that a client can't aim at: many keys of one digest would be looked at one by one.
    private static long DigestOf(IdempotencyKey key)
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
}
