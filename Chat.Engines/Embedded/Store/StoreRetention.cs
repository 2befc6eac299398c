using Chat.Core.Retention;
using Chat.Core.Time;
using Chat.Engines.Embedded.Sqlite;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Embedded.Store;

/// <summary>
/// Deletes changes older than <see cref="RetentionOptions.Changes"/>, each conversation's from the lowest on, and idempotency
/// keys and revoked tokens that have expired; a little at a time, so that writes don't wait for it.
/// </summary>
internal sealed class StoreRetention(StoreDatabase database, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const int ConversationsAtOnce = 500;
    private const int RowsAtOnce = 2_000;

    private readonly CautiousClock _clock = new(time);

    /// <summary>Answers with how many changes were deleted.</summary>
    public async Task<long> TrimAsync(CancellationToken cancellationToken)
    {
        var now = _clock.UtcNow;
        await database.Keys.TrimAsync(now, cancellationToken);
        await database.WriteAsync(
            session => session["DELETE FROM revoked_tokens WHERE kept_until <= ?1"].Bind(1, now).Run(), cancellationToken);
        var olderThan = now - options.Value.Changes;
        long trimmed = 0;
        byte[]? after = [];
        while (after is not null)
        {
            (var old, after) = await database.ReadAsync(session => FindTrimmable(session, after, olderThan, now), cancellationToken);
            foreach (var conversation in old)
            {
                int deleted;
                do
                {
                    deleted = await database.WriteAsync(session => Trim(session, conversation, olderThan, now), cancellationToken);
                    trimmed += deleted;
                }
                while (deleted == RowsAtOnce);
            }
        }
        return trimmed;
    }

    /// <summary>Of the next conversations after a key, those whose lowest change is too old; and the last key, null at the end.</summary>
    private static (List<byte[]> Old, byte[]? Last) FindTrimmable(
        SqliteSession session, byte[] after, DateTimeOffset olderThan, DateTimeOffset now)
    {
        var next = session[
            """
            SELECT h.conversation_id,
                (SELECT c.appended_at FROM changes c
                    WHERE c.conversation_id = h.conversation_id AND c.appended_at <= ?3 ORDER BY c.seq LIMIT 1)
            FROM heads h WHERE h.conversation_id > ?1 ORDER BY h.conversation_id LIMIT ?2
            """]
            .BindBlob(1, after).Bind(2, ConversationsAtOnce).Bind(3, now)
            .List(row => (Conversation: row.Bytes(0).ToArray(), IsOld: !row.IsNull(1) && row.Time(1) < olderThan));
        return (
            [.. next.Where(c => c.IsOld).Select(c => c.Conversation)],
            next.Count == ConversationsAtOnce ? next[^1].Conversation : null);
    }

    private static int Trim(SqliteSession session, byte[] conversation, DateTimeOffset olderThan, DateTimeOffset now)
    {
        // What has a time that is still to come, of a clock that was ahead, is as old as what follows it.
        var lowest = session["SELECT seq, appended_at FROM changes WHERE conversation_id = ?1 AND appended_at <= ?3 ORDER BY seq LIMIT ?2"]
            .BindBlob(1, conversation).Bind(2, RowsAtOnce).Bind(3, now)
            .List(static row => (Seq: row.Int64(0), AppendedAt: row.Time(1)));
        var old = lowest.TakeWhile(c => c.AppendedAt < olderThan).ToList();
        if (old.Count == 0) return 0;
        var trimmed = session[
            "SELECT max(seq) FROM (SELECT seq FROM changes WHERE conversation_id = ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3)"]
            .BindBlob(1, conversation).Bind(2, old[^1].Seq).Bind(3, RowsAtOnce).Single(static row => row.Int64(0));
        session["UPDATE heads SET trimmed = max(trimmed, ?2) WHERE conversation_id = ?1"].BindBlob(1, conversation).Bind(2, trimmed).Run();
        session["DELETE FROM changes WHERE conversation_id = ?1 AND seq <= ?2"].BindBlob(1, conversation).Bind(2, trimmed).Run();
        return session.Changes;
    }
}
