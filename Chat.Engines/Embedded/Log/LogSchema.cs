
namespace Chat.Engines.Embedded.Log;

/// <summary>The event log's tables and that of the idempotency keys, in <c>log.db</c>.</summary>
internal static class LogSchema
{
    /// <summary>
    /// Bits of an event's id that are its offset; those above are its partition's id, so that one key finds and orders all.
    /// </summary>
    public const int OffsetBits = Chat.Core.Log.SequenceNumber.OffsetBits;

    public static long EventId(long partitionId, long offset) => (partitionId << OffsetBits) | offset;

    public static long Offset(long eventId) => eventId & ((1L << OffsetBits) - 1);

    public static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE topics (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            partitions INTEGER NOT NULL,
            incarnation TEXT NOT NULL);

        -- next_offset stands for itself: it stays when the events go.
        CREATE TABLE partitions (
            id INTEGER PRIMARY KEY,
            topic_id INTEGER NOT NULL REFERENCES topics,
            partition INTEGER NOT NULL,
            next_offset INTEGER NOT NULL,
            UNIQUE (topic_id, partition));

        -- id = partition id * 2^40 + offset; at in Unix milliseconds; headers a JSON array of name, value, name, value, ...
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            key TEXT NOT NULL,
            headers TEXT,
            value BLOB NOT NULL);

        -- active_at: when the group last had a member.
        CREATE TABLE groups (
            name TEXT NOT NULL,
            partition_id INTEGER NOT NULL REFERENCES partitions,
            committed INTEGER NOT NULL,
            active_at INTEGER NOT NULL,
            PRIMARY KEY (name, partition_id)) WITHOUT ROWID;
        """,
        // In the order in which they came, without an index: KeyMap has one in memory. digest: of the secret, organization, user and key.
        """
        CREATE TABLE idempotency_keys (
            id INTEGER PRIMARY KEY,
            digest INTEGER NOT NULL,
            organization_id BLOB NOT NULL,
            user_id BLOB NOT NULL,
            key TEXT NOT NULL,
            message_id BLOB NOT NULL,
            body_hash TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL);

        -- One row, of this file alone.
        CREATE TABLE key_secret (secret BLOB NOT NULL);
        INSERT INTO key_secret (secret) VALUES (randomblob(16));
        """,
    ];
}
