using Chat.Core.Log;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Log;

/// <summary>What <c>log.db</c> holds, read as the log's own types.</summary>
internal static class LogFile
{
    // --- Topics ---

    public static List<LogTopic> LoadTopics(SqliteSession session, int tailBytes)
    {
        using var statement = session.Prepare("SELECT id, name, partitions, incarnation FROM topics");
        return statement.List(row => LoadTopic(session, row, tailBytes));
    }

    public static LogTopic FindOrMakeTopic(SqliteSession session, string name, int partitions, int tailBytes)
    {
        using var select = session.Prepare("SELECT id, name, partitions, incarnation FROM topics WHERE name = ?1");
        if (select.Bind(1, name).First(row => LoadTopic(session, row, tailBytes)) is { } topic) return topic;
        session["INSERT INTO topics (name, partitions, incarnation) VALUES (?1, ?2, ?3)"]
            .Bind(1, name).Bind(2, partitions).Bind(3, Guid.NewGuid().ToString("N")).Run();
        var insertPartition = session[
            "INSERT INTO partitions (topic_id, partition, next_offset) SELECT id, ?2, 0 FROM topics WHERE name = ?1"];
        for (var i = 0; i < partitions; i++) insertPartition.Bind(1, name).Bind(2, i).Run();
        return select.Bind(1, name).Single(row => LoadTopic(session, row, tailBytes));
    }

    private static LogTopic LoadTopic(SqliteSession session, SqliteStatement row, int tailBytes)
    {
        var description = new TopicDescription(row.Text(1), row.Int32(2), row.Text(3));
        var partitions = session["SELECT id, partition, next_offset FROM partitions WHERE topic_id = ?1 ORDER BY partition"]
            .Bind(1, row.Int64(0))
            .List(p => new LogPartition(p.Int64(0), new(description.Topic, p.Int32(1)), p.Int64(2), tailBytes));
        return new(description, partitions);
    }

    public static void SaveNextOffset(SqliteSession session, LogPartition partition) =>
        session["UPDATE partitions SET next_offset = ?2 WHERE id = ?1"].Bind(1, partition.Id).Bind(2, partition.NextOffset).Run();

    // --- Events ---

    /// <summary>The events of a partition from an offset on.</summary>
    public static List<LogEvent> ReadEvents(SqliteSession session, LogPartition partition, long from, int max) =>
        session["SELECT id, at, key, headers, value FROM events WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"]
            .Bind(1, LogSchema.EventId(partition.Id, from)).Bind(2, LogSchema.EventId(partition.Id + 1, 0)).Bind(3, max)
            .List(static row => new LogEvent(
                LogSchema.Offset(row.Int64(0)),
                row.Text(2),
                row.Bytes(4).ToArray(),
                row.Time(1),
                row.IsNull(3) ? [] : LogHeaders.Read(row.Bytes(3))));

    /// <summary>
    /// Deletes a partition's first events: those below an offset, up to the first that is not older than a time, and
    /// <paramref name="max"/> at most. Those of a time that is still to come, of a clock that was ahead, are as old as what follows them.
    /// Answers with how many went.
    /// </summary>
    public static int Trim(
        SqliteSession session, LogPartition partition, long below, DateTimeOffset olderThan, DateTimeOffset now, int max)
    {
        var first = session["SELECT id, at FROM events WHERE id >= ?1 AND id < ?2 AND at <= ?4 ORDER BY id LIMIT ?3"]
            .Bind(1, LogSchema.EventId(partition.Id, 0)).Bind(2, LogSchema.EventId(partition.Id, below)).Bind(3, max).Bind(4, now)
            .List(static row => (Id: row.Int64(0), At: row.Time(1)));
        var old = first.TakeWhile(e => e.At < olderThan).ToList();
        if (old.Count == 0) return 0;
        session["DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3)"]
            .Bind(1, LogSchema.EventId(partition.Id, 0)).Bind(2, old[^1].Id).Bind(3, max).Run();
        return session.Changes;
    }

    /// <summary>Deletes events of a partition by their offsets.</summary>
    public static void Remove(SqliteSession session, LogPartition partition, IReadOnlyList<long> offsets)
    {
        var delete = session["DELETE FROM events WHERE id = ?1"];
        foreach (var offset in offsets) delete.Bind(1, LogSchema.EventId(partition.Id, offset)).Run();
    }

    /// <summary>An event below every partition's, deleted again before anybody can see it.</summary>
    public static void ProbeWrite(SqliteSession session)
    {
        session["INSERT INTO events (id, at, key, value) VALUES (-1, 0, '', zeroblob(?1))"].Bind(1, EmbeddedHealthCheck.Bytes).Run();
        session["DELETE FROM events WHERE id = -1"].Run();
    }

    // --- Groups ---

    public static List<(string Group, long PartitionId, long Committed, DateTimeOffset ActiveAt)> LoadGroups(SqliteSession session)
    {
        using var statement = session.Prepare("SELECT name, partition_id, committed, active_at FROM groups");
        return statement.List(static row => (row.Text(0), row.Int64(1), row.Int64(2), row.Time(3)));
    }

    public static void SaveGroup(SqliteSession session, string group, long partitionId, long committed, DateTimeOffset activeAt) =>
        session[
            """
            INSERT INTO groups (name, partition_id, committed, active_at) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET committed = max(committed, excluded.committed), active_at = max(active_at, excluded.active_at)
            """]
            .Bind(1, group).Bind(2, partitionId).Bind(3, committed).Bind(4, activeAt).Run();

    public static void ForgetGroup(SqliteSession session, string group, long partitionId) =>
        session["DELETE FROM groups WHERE name = ?1 AND partition_id = ?2"].Bind(1, group).Bind(2, partitionId).Run();
}
