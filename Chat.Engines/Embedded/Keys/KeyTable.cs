using Chat.Core.Erasure;
using Chat.Core.Idempotency;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Keys;

/// <summary>
/// The table of the idempotency keys. Rows lie in the order in which they came, and it has no index: clients' keys are random, so that one
/// would be written to at a page of its own for each. <see cref="KeyMap"/> knows where they are.
/// </summary>
internal static class KeyTable
{
    public const string Name = "idempotency_keys";

    private const string OfErased = "message_id IN (SELECT id FROM temp.erased_messages) AND organization_id = ?1";

    /// <summary>What is in the digests of this file beside the keys: <see cref="KeyDigest"/>.</summary>
    public static byte[] ReadSecret(SqliteSession session) =>
        session["SELECT secret FROM key_secret"].Single(static row => row.Bytes(0).ToArray());

    /// <summary>The next rows after an id, at most so many.</summary>
    public static List<KeyPlace> List(SqliteSession session, long after, int max) =>
        session["SELECT id, digest FROM idempotency_keys WHERE id > ?1 ORDER BY id LIMIT ?2"]
            .Bind(1, after).Bind(2, max).List(static row => new KeyPlace(row.Int64(0), row.Int64(1)));

    /// <summary>The row of a key, of those with these ids, and what it says; null where they are other keys', or gone.</summary>
    public static (long Id, IdempotencyRecord Record)? Find(SqliteSession session, IReadOnlyList<long> ids, IdempotencyKey key)
    {
        var select = session[
            """
            SELECT message_id, body_hash, created_at FROM idempotency_keys
            WHERE id = ?1 AND organization_id = ?2 AND user_id = ?3 AND key = ?4
            """];
        foreach (var id in ids)
        {
            var found = select.Bind(1, id).Bind(2, key.OrganizationId).Bind(3, key.UserId).Bind(4, key.Key)
                .First(static row => new IdempotencyRecord(row.Uuid(0), row.Text(1), row.Time(2)));
            if (found is not null) return (id, found);
        }
        return null;
    }

    public static void Write(SqliteSession session, KeyRow row)
    {
        if (row.Replaces is { } earlier) session["DELETE FROM idempotency_keys WHERE id = ?1"].Bind(1, earlier).Run();
        var (key, record) = (row.Key, row.Record);
        session[
            """
            INSERT INTO idempotency_keys (id, digest, organization_id, user_id, key, message_id, body_hash, created_at, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """]
            .Bind(1, row.Id).Bind(2, row.Digest).Bind(3, key.OrganizationId).Bind(4, key.UserId).Bind(5, key.Key)
            .Bind(6, record.MessageId).Bind(7, record.BodyHash).Bind(8, record.CreatedAt).Bind(9, row.ExpiresAt).Run();
    }

    /// <summary>Of the next rows after an id, at most so many: those that have expired; and the last id, null at the end.</summary>
    public static (List<KeyPlace> Expired, long? Last) FindExpired(SqliteSession session, long after, DateTimeOffset now, int max)
    {
        var rows = session["SELECT id, digest, expires_at FROM idempotency_keys WHERE id > ?1 ORDER BY id LIMIT ?2"]
            .Bind(1, after).Bind(2, max).List(static row => (Place: new KeyPlace(row.Int64(0), row.Int64(1)), ExpiresAt: row.Time(2)));
        return ([.. rows.Where(r => r.ExpiresAt < now).Select(r => r.Place)], rows.Count == max ? rows[^1].Place.Id : null);
    }

    public static void Delete(SqliteSession session, IReadOnlyList<KeyPlace> places)
    {
        var delete = session["DELETE FROM idempotency_keys WHERE id = ?1"];
        foreach (var place in places) delete.Bind(1, place.Id).Run();
    }

    /// <summary>Deletes the keys of messages that are erased, and answers with which there were; reads through all of them.</summary>
    public static List<KeyPlace> Erase(SqliteSession session, ErasureScope scope, bool dryRun)
    {
        session.Execute("CREATE TEMP TABLE IF NOT EXISTS erased_messages (id BLOB PRIMARY KEY) WITHOUT ROWID");
        var insert = session["INSERT INTO temp.erased_messages (id) VALUES (?1) ON CONFLICT DO NOTHING"];
        foreach (var message in scope.Messages) insert.Bind(1, message).Run();
        var found = session[$"SELECT id, digest FROM idempotency_keys WHERE {OfErased}"]
            .Bind(1, scope.OrganizationId).List(static row => new KeyPlace(row.Int64(0), row.Int64(1)));
        if (!dryRun && found.Count > 0)
            session[$"DELETE FROM idempotency_keys WHERE {OfErased}"].Bind(1, scope.OrganizationId).Run();
        session["DELETE FROM temp.erased_messages"].Run();
        return found;
    }
}
