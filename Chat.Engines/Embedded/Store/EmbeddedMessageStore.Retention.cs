using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Store;

public sealed partial class EmbeddedMessageStore
{
    private const int ConversationsAtOnce = 500;
    private const int RowsAtOnce = 2_000;

    /// <summary>
    /// Deletes changes older than <see cref="EmbeddedOptions.ChangeRetention"/>, each conversation's from the lowest on, and
    /// idempotency keys that have expired; a little at a time, so that writes don't wait for it. Answers with how many changes went.
    /// </summary>
    public async Task<long> TrimAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        await WriteAsync(
            session => session["DELETE FROM idempotency_keys WHERE expires_at < ?1"].Bind(1, now).Run(), cancellationToken);
        var olderThan = now - _options.ChangeRetention;
        long trimmed = 0;
        byte[]? after = [];
        while (after is not null)
        {
            (var old, after) = await ReadAsync(session => FindTrimmable(session, after, olderThan), cancellationToken);
            foreach (var conversation in old)
            {
                int went;
                do
                {
                    went = await WriteAsync(session => Trim(session, conversation, olderThan), cancellationToken);
                    trimmed += went;
                }
                while (went == RowsAtOnce);
            }
        }
        return trimmed;
    }

    /// <summary>Of the next conversations after a key, those whose lowest change is too old; and the last key, null at the end.</summary>
    private static (List<byte[]> Old, byte[]? Last) FindTrimmable(SqliteSession session, byte[] after, DateTimeOffset olderThan)
    {
        var old = new List<byte[]>();
        byte[]? last = null;
        var count = 0;
        var select = session[
            """
            SELECT h.conversation_id,
                (SELECT c.appended_at FROM changes c WHERE c.conversation_id = h.conversation_id ORDER BY c.seq LIMIT 1)
            FROM heads h WHERE h.conversation_id > ?1 ORDER BY h.conversation_id LIMIT ?2
            """]
            .BindBlob(1, after).Bind(2, ConversationsAtOnce);
        while (select.Step())
        {
            count++;
            last = select.Bytes(0).ToArray();
            if (!select.IsNull(1) && select.Time(1) < olderThan) old.Add(last);
        }
        return (old, count == ConversationsAtOnce ? last : null);
    }

    private static int Trim(SqliteSession session, byte[] conversation, DateTimeOffset olderThan)
    {
        long? highest = null;
        var select = session["SELECT seq, appended_at FROM changes WHERE conversation_id = ?1 ORDER BY seq LIMIT ?2"]
            .BindBlob(1, conversation).Bind(2, RowsAtOnce);
        while (select.Step())
        {
            if (select.Time(1) >= olderThan)
            {
                select.Reset();
                break;
            }
            highest = select.Int64(0);
        }
        if (highest is not { } trimmed) return 0;
        session["UPDATE heads SET trimmed = max(trimmed, ?2) WHERE conversation_id = ?1"].BindBlob(1, conversation).Bind(2, trimmed).Run();
        session["DELETE FROM changes WHERE conversation_id = ?1 AND seq <= ?2"].BindBlob(1, conversation).Bind(2, trimmed).Run();
        return session.Changes;
    }
}
