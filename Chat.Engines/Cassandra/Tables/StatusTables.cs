using Cassandra;
using Chat.Core.Ids;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>The timelines of messages, and their facts, which lie with the message; with them their changes are written.</summary>
internal sealed class StatusTables(CassandraConnection connection, ChangeTables changeTables, FirstStays firstStays, MessageLife life)
    : IStatusStore
{
    private static readonly Cql AddEvent = new(
        """
        INSERT INTO message_timeline (conversation_id, bucket, message_id, seq, kind, at, reason, channel, reported_at,
            appended_at, joins) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?
        """);

    private static readonly Cql ListEvents = new(
        """
        SELECT seq, kind, at, reason, channel, reported_at, appended_at, joins FROM message_timeline
        WHERE conversation_id = ? AND bucket = ? AND message_id = ?
        """);

    public async ValueTask RecordStatusesAsync(
        IReadOnlyList<StatusRecord> records, IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken)
    {
        if (records.Count == 0 && changes.Count == 0) return;
        var session = await connection.GetAsync(cancellationToken);
        var rows = await BindAsync(session, records);
        foreach (var round in await changeTables.BindAsync(session, changes))
        {
            // A request is refused as a whole, so what fits into the records' own shows no change of a record that is refused.
            if (rows.Count > 0 && !session.IsOneRequest([.. rows, .. round]))
            {
                await session.WriteAsync(rows, cancellationToken);
                rows.Clear();
            }
            rows.AddRange(round);
            await session.WriteAsync(rows, cancellationToken);
            rows.Clear();
        }
    }

    private async ValueTask<List<PartitionRows>> BindAsync(CassandraSession session, IReadOnlyList<StatusRecord> records)
    {
        var timestamp = firstStays.Next();
        var rows = new List<PartitionRows>();
        foreach (var partition in records.GroupBy(r => (r.Key.ConversationId, Bucket: Bucket.For(r.Key.MessageId))))
        {
            foreach (var chunk in RequestPacker.Chunk(partition, Math.Max(1, session.MaxRowsPerRequest / 2), BytesOf))
                rows.Add(await BindRecordsAsync(session, partition.Key.Bucket, chunk, timestamp));
        }
        return rows;
    }

    public async ValueTask<IReadOnlyList<StatusRecord>> ListTimelineAsync(MessageKey key, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        List<StatusRecord> records = [];
        await foreach (var row in session
            .QueryAsync(ListEvents, cancellationToken, key.ConversationId, Bucket.For(key.MessageId), key.MessageId))
        {
            records.Add(new(
                key,
                (StatusKind)row.GetValue<int>(1),
                new(row.GetValue<DateTimeOffset>(2), row.GetValue<string?>(3), row.GetValue<long>(0)),
                row.GetValue<string?>(4),
                row.GetValue<DateTimeOffset?>(5),
                row.GetValue<DateTimeOffset>(6),
                row.GetValue<long?>(7)));
        }
        return records;
    }

    private async ValueTask<PartitionRows> BindRecordsAsync(
        CassandraSession session, int bucket, StatusRecord[] records, long timestamp)
    {
        var rows = new List<BoundStatement>(2 * records.Length);
        foreach (var record in records)
        {
            if (record.Kind is { } kind) rows.Add(await BindEventAsync(session, bucket, record, kind, timestamp));
            rows.Add(await BindFactAsync(session, bucket, record));
        }
        return new(rows, records.Sum(BytesOf));
    }

    private static int BytesOf(StatusRecord record) => 250 + (9 * (record.Fact.Reason?.Length ?? 0));

    private ValueTask<BoundStatement> BindEventAsync(
        CassandraSession session, int bucket, StatusRecord r, StatusKind kind, long timestamp) =>
        session.BindAsync(
            AddEvent,
            r.Key.ConversationId,
            bucket,
            r.Key.MessageId,
            r.Seq,
            (int)kind,
            r.Fact.At,
            r.Fact.Reason,
            r.Channel,
            r.ReportedAt,
            r.AppendedAt,
            r.Joins,
            timestamp,
            life.SecondsLeft(r.Key.MessageId));

    private static ValueTask<BoundStatement> BindFactAsync(CassandraSession session, int bucket, StatusRecord r)
    {
        var (timestamp, cell) = (CellTimes.Earliest(r.Fact.At), FactCell.Write(r.Fact));
        var (conversation, message) = (r.Key.ConversationId, r.Key.MessageId);
        if (r.Kind is not { } kind) return session.BindAsync(FactStatements.Announced, timestamp, cell, conversation, bucket, message);
        return r.Fact.Reason is null
            ? session.BindAsync(FactStatements.For(kind), timestamp, cell, conversation, bucket, message)
            : session.BindAsync(FactStatements.WithReasonFor(kind), timestamp, cell, cell, conversation, bucket, message);
    }
}
