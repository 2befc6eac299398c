using Chat.Core.Log;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Engines.Embedded.Log;

/// <summary>What stands in <c>log.db</c>, as the log's own words.</summary>
internal static class LogFile
{
    // --- Topics ---

    public static List<LogTopic> LoadTopics(SqliteSession session, int tailBytes)
    {
        var topics = new List<LogTopic>();
        using var statement = session.Prepare("SELECT id, name, partitions, incarnation FROM topics");
        while (statement.Step()) topics.Add(LoadTopic(session, statement, tailBytes));
        return topics;
    }

    public static LogTopic FindOrMakeTopic(SqliteSession session, string name, int partitions, int tailBytes)
    {
        using var select = session.Prepare("SELECT id, name, partitions, incarnation FROM topics WHERE name = ?1");
        if (select.Bind(1, name).Step()) return LoadTopic(session, select, tailBytes);
        session["INSERT INTO topics (name, partitions, incarnation) VALUES (?1, ?2, ?3)"]
            .Bind(1, name).Bind(2, partitions).Bind(3, Guid.NewGuid().ToString("N")).Run();
        var insertPartition = session[
            "INSERT INTO partitions (topic_id, partition, next_offset) SELECT id, ?2, 0 FROM topics WHERE name = ?1"];
        for (var i = 0; i < partitions; i++) insertPartition.Bind(1, name).Bind(2, i).Run();
        select.Bind(1, name).Step();
        return LoadTopic(session, select, tailBytes);
    }

    private static LogTopic LoadTopic(SqliteSession session, SqliteStatement row, int tailBytes)
    {
        var description = new TopicDescription(row.Text(1), row.Int32(2), row.Text(3));
        var partitions = new List<LogPartition>();
        var statement = session["SELECT id, partition, next_offset FROM partitions WHERE topic_id = ?1 ORDER BY partition"]
            .Bind(1, row.Int64(0));
        while (statement.Step())
            partitions.Add(new(statement.Int64(0), new(description.Topic, statement.Int32(1)), statement.Int64(2), tailBytes));
        return new(description, partitions);
    }

    public static void SaveNextOffset(SqliteSession session, LogPartition partition) =>
        session["UPDATE partitions SET next_offset = ?2 WHERE id = ?1"].Bind(1, partition.Id).Bind(2, partition.NextOffset).Run();

    // --- Events ---

    /// <summary>The events of a partition from an offset on.</summary>
    public static List<LogEvent> ReadEvents(SqliteSession session, LogPartition partition, long from, int max)
    {
        var events = new List<LogEvent>();
        var statement = session["SELECT id, at, key, headers, value FROM events WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"]
            .Bind(1, LogSchema.EventId(partition.Id, from)).Bind(2, LogSchema.EventId(partition.Id + 1, 0)).Bind(3, max);
        while (statement.Step())
        {
            events.Add(new(
                LogSchema.Offset(statement.Int64(0)),
                statement.Text(2),
                statement.Bytes(4).ToArray(),
                statement.Time(1),
                statement.IsNull(3) ? [] : LogHeaders.Read(statement.Bytes(3))));
        }
        return events;
    }

    /// <summary>
    /// Deletes a partition's first events: those below an offset, up to the first that is not older than a time, and at most
    /// <paramref name="max"/>. Answers with how many went.
    /// </summary>
    public static int Trim(SqliteSession session, LogPartition partition, long below, DateTimeOffset olderThan, int max)
    {
        var last = -1L;
        var select = session["SELECT id, at FROM events WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"]
            .Bind(1, LogSchema.EventId(partition.Id, 0)).Bind(2, LogSchema.EventId(partition.Id, below)).Bind(3, max);
        while (select.Step())
        {
            if (select.Time(1) >= olderThan)
            {
                select.Reset();
                break;
            }
            last = select.Int64(0);
        }
        if (last < 0) return 0;
        session["DELETE FROM events WHERE id BETWEEN ?1 AND ?2"].Bind(1, LogSchema.EventId(partition.Id, 0)).Bind(2, last).Run();
        return session.Changes;
    }

    // --- Groups ---

    public static List<(string Group, long PartitionId, long Committed, DateTimeOffset ActiveAt)> LoadGroups(SqliteSession session)
    {
        var groups = new List<(string, long, long, DateTimeOffset)>();
        using var statement = session.Prepare("SELECT name, partition_id, committed, active_at FROM groups");
        while (statement.Step()) groups.Add((statement.Text(0), statement.Int64(1), statement.Int64(2), statement.Time(3)));
        return groups;
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
