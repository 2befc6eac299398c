using Cassandra;
using Chat.Core.Log;
using Chat.Core.Retention;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra.Connection;
using Chat.Engines.Cassandra.Schema;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>Numbered changes and heads.</summary>
internal sealed class ChangeTables(CassandraConnection connection, IOptions<RetentionOptions> retention, TimeProvider time)
    : IChangeStore
{
    private static readonly Cql AddChange = new(
        "INSERT INTO status_changes (conversation_id, seq, change) VALUES (?, ?, ?) USING TTL ? AND TIMESTAMP ?");

    private static readonly Cql RaiseHead = new(
        "UPDATE conversation_heads USING TIMESTAMP ? SET head = ? WHERE conversation_id = ?");

    private static readonly Cql LowerFirst = new(
        "UPDATE conversation_heads USING TIMESTAMP ? SET first = ? WHERE conversation_id = ?");

    private static readonly Cql FindHead = new("SELECT head, first FROM conversation_heads WHERE conversation_id = ?");

    private static readonly Cql List = new(
        "SELECT seq, change FROM status_changes WHERE conversation_id = ? AND seq > ? LIMIT ?");

    private static readonly Cql FindKept = new(
        "SELECT change FROM status_changes WHERE conversation_id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1");

    public async ValueTask AddChangesAsync(IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken)
    {
        if (changes.Count == 0) return;
        var session = await connection.GetAsync(cancellationToken);
        var conversations = changes
            .GroupBy(c => c.ConversationId)
            .Select(c => RequestPacker.Chunk(c.OrderBy(change => change.Seq), session.MaxRowsPerRequest, BytesOf).ToArray())
            .ToArray();
        // Of each conversation one request after the other, and the heads after all: a reader that sees a number finds everything
        // below.
        for (var round = 0; round < conversations.Max(c => c.Length); round++)
        {
            var rows = new List<PartitionRows>();
            foreach (var chunks in conversations)
            {
                if (round < chunks.Length) rows.Add(await BindAsync(session, chunks[round]));
            }
            await session.WriteAsync(rows, cancellationToken);
        }
        var heads = new List<PartitionRows>();
        foreach (var chunks in conversations) heads.Add(await BindHeadAsync(session, chunks[0][0], chunks[^1][^1]));
        await session.WriteAsync(heads, cancellationToken);
    }

    public async ValueTask<ChangePage> ListChangesAsync(
        Guid conversationId, long since, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var session = await connection.GetAsync(cancellationToken);
        var (head, first) = await FindHeadAsync(session, conversationId, cancellationToken);
        var complete = IsCompleteAsync(session, conversationId, since, head, first, cancellationToken);
        List<StatusChange> changes = [];
        await foreach (var row in session.QueryAsync(List, cancellationToken, conversationId, since, limit))
            changes.Add(ChangeCell.Read(conversationId, row.GetValue<long>(0), row, 1));
        return new(head, await complete, changes);
    }

    public async ValueTask<long> FindHeadAsync(Guid conversationId, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        return (await FindHeadAsync(session, conversationId, cancellationToken)).Head;
    }

    public async ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        Guid[] ids = [.. conversationIds.Distinct()];
        var rows = new Row?[ids.Length];
        await session.ForEachAsync(
            [.. Enumerable.Range(0, ids.Length)],
            async (i, ct) => rows[i] = await session.FindAsync(FindHead, ct, ids[i]),
            cancellationToken);
        var heads = new Dictionary<Guid, long>(ids.Length);
        for (var i = 0; i < ids.Length; i++)
        {
            if (rows[i]?.GetValue<long?>(0) is { } head) heads[ids[i]] = head;
        }
        return heads;
    }

    private async ValueTask<PartitionRows> BindAsync(CassandraSession session, StatusChange[] changes)
    {
        var now = time.GetUtcNow();
        var rows = new List<BoundStatement>(changes.Length);
        foreach (var change in changes)
        {
            // The append's time, and not the clock's, as timestamp and start of the life: written again, the row is the same one,
            // and the compaction's windows hold what expires together.
            rows.Add(await session.BindAsync(
                AddChange,
                change.ConversationId,
                change.Seq,
                ChangeCell.Write(change),
                ChangeLife.SecondsLeft(change.AppendedAt, retention.Value.Changes, now),
                CellTimes.Ordinary(change.AppendedAt)));
        }
        return new(rows, changes.Sum(BytesOf));
    }

    private static int BytesOf(StatusChange change) => 160 + (3 * (change.Channel.Length + (change.Reason?.Length ?? 0)));

    private static async ValueTask<PartitionRows> BindHeadAsync(
        CassandraSession session, StatusChange lowest, StatusChange highest)
    {
        var id = highest.ConversationId;
        var first = Tuple.Create(lowest.Seq, lowest.AppendedAt);
        return new(
            [
                await session.BindAsync(RaiseHead, highest.Seq, highest.Seq, id),
                await session.BindAsync(LowerFirst, SequenceNumber.Max - lowest.Seq, first, id),
            ],
            Bytes: 100);
    }

    private static async Task<(long Head, (long Seq, DateTimeOffset AppendedAt) First)> FindHeadAsync(
        CassandraSession session, Guid conversationId, CancellationToken cancellationToken) =>
        await session.FindAsync(FindHead, cancellationToken, conversationId) is { } row
        && row.GetValue<Tuple<long, DateTimeOffset>?>(1) is { } first
            ? (row.GetValue<long>(0), (first.Item1, first.Item2))
            : (0, default);

    /// <summary>
    /// Rows vanish in the order of their numbers, and live longer than promised: where one at or below <paramref name="since"/>
    /// is within the promise, so is everything above it. The first row of all means that nothing came before.
    /// </summary>
    private async Task<bool> IsCompleteAsync(
        CassandraSession session,
        Guid conversationId,
        long since,
        long head,
        (long Seq, DateTimeOffset AppendedAt) first,
        CancellationToken cancellationToken)
    {
        if (since >= head) return true;
        var oldest = time.GetUtcNow() - retention.Value.Changes;
        if (first.AppendedAt >= oldest) return true;
        if (since < first.Seq) return false;
        return await session.FindAsync(FindKept, cancellationToken, conversationId, since) is { } row
            && ChangeCell.Read(conversationId, since, row, 0).AppendedAt >= oldest;
    }
}
