using System.Buffers.Binary;
using Chat.Core.Ids;
using Chat.Core.Retention;
using Chat.Core.Time;
using Chat.Engines.Embedded.Sqlite;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Embedded.Store;

/// <summary>
/// Deletes messages older than <see cref="RetentionOptions.Messages"/>, with what belongs to them; a little at a time, so that writes don't
/// wait for it.
/// </summary>
internal sealed class MessageRetention(
    StoreDatabase database, StateCache states, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const int AtOnce = 500;

    private static readonly string[] Deletions =
    [
        "DELETE FROM provider_ids WHERE message_id = ?1 AND conversation_id = ?2",
        // Not the row: without its time a message that is delivered again would be sent again.
        "UPDATE hand_overs SET provider_message_id = NULL WHERE message_id = ?1 AND ?2 IS NOT NULL",
        "UPDATE send_tries SET provider_message_id = NULL WHERE message_id = ?1 AND conversation_id = ?2",
        "DELETE FROM held_messages WHERE message_id = ?1 AND conversation_id = ?2",
        "DELETE FROM timeline WHERE message_id = ?1 AND conversation_id = ?2",
        "DELETE FROM facts WHERE message_id = ?1 AND conversation_id = ?2",
        "DELETE FROM messages WHERE message_id = ?1 AND conversation_id = ?2",
    ];

    // What a status left that came as its message went. Once the old messages are gone there is little else below the id.
    private static readonly string[] Orphans =
    [
        """
        DELETE FROM timeline WHERE message_id < ?1 AND appended_at < ?2 AND NOT EXISTS
            (SELECT 1 FROM messages m WHERE m.message_id = timeline.message_id AND m.conversation_id = timeline.conversation_id)
        """,
        """
        DELETE FROM facts WHERE message_id < ?1 AND ?2 IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM messages m WHERE m.message_id = facts.message_id AND m.conversation_id = facts.conversation_id)
            AND NOT EXISTS
            (SELECT 1 FROM timeline t WHERE t.message_id = facts.message_id AND t.conversation_id = facts.conversation_id)
        """,
    ];

    private readonly CautiousClock _clock = new(time);

    /// <summary>Answers with how many messages were deleted.</summary>
    public async Task<long> TrimAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Messages is not { } kept) return 0;
        var olderThan = _clock.UtcNow - kept;
        long trimmed = 0;
        int went;
        do
        {
            var keys = await database.WriteAsync(session => Trim(session, olderThan), cancellationToken);
            states.Forget(keys);
            trimmed += went = keys.Count;
        }
        while (went == AtOnce);
        return trimmed;
    }

    private static List<MessageKey> Trim(SqliteSession session, DateTimeOffset olderThan)
    {
        // An id begins with the time: those that come first are the oldest, and the rest is not looked at.
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(time, olderThan.ToUnixTimeMilliseconds());
        var old = session[
            """
            SELECT message_id, conversation_id FROM messages WHERE message_id < ?1 AND created_at < ?2 ORDER BY message_id LIMIT ?3
            """]
            .BindBlob(1, time[2..]).Bind(2, olderThan).Bind(3, AtOnce)
            .List(static row => new MessageKey(row.Uuid(1), row.Uuid(0)));
        if (old.Count < AtOnce)
        {
            foreach (var delete in Orphans) session[delete].BindBlob(1, time[2..]).Bind(2, olderThan).Run();
        }
        foreach (var delete in Deletions)
        {
            foreach (var key in old) session[delete].Bind(1, key.MessageId).Bind(2, key.ConversationId).Run();
        }
        return old;
    }
}
