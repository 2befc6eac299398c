using Chat.Core.Idempotency;
using Chat.Engines.Embedded.Keys;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

/// <summary>Moves the idempotency keys of an earlier version of the store's file into the log's.</summary>
internal static class MovedKeys
{
    private const int MovedAtOnce = 10_000;

    /// <summary>Before anything is claimed. What ends halfway begins anew at the next start.</summary>
    public static void Move(SqliteSession store, KeyFile keys)
    {
        using (var find = store.Prepare("SELECT 1 FROM sqlite_master WHERE name = 'keys_to_move'"))
        {
            if (!find.Any()) return;
        }
        using (var select = store.Prepare(
            """
            SELECT id, organization_id, user_id, key, message_id, body_hash, created_at, expires_at FROM keys_to_move
            WHERE id > ?1 ORDER BY id LIMIT ?2
            """))
        {
            var last = 0L;
            while (select.Bind(1, last).Bind(2, MovedAtOnce).List(Read) is { Count: > 0 } some)
            {
                keys.Take(some.Select(s => (s.Key, s.Record, s.ExpiresAt - s.Record.CreatedAt)));
                last = some[^1].Id;
            }
        }
        store.Execute("DROP TABLE keys_to_move");
    }

    private static (long Id, IdempotencyKey Key, IdempotencyRecord Record, DateTimeOffset ExpiresAt) Read(SqliteStatement row) => (
        row.Int64(0),
        new(row.Uuid(1), row.Uuid(2), row.Text(3)),
        new(row.Uuid(4), row.Text(5), row.Time(6)),
        row.Time(7));
}
