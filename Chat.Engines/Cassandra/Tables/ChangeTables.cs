using Cassandra;
using Chat.Core.Retention;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra.Connection;
using Chat.Engines.Cassandra.Schema;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Numbered changes, heads, and the highest number of each hour in which a conversation changed: what expired can't be seen any more,
/// and this tells how far it went.
/// </summary>
internal sealed class ChangeTables(CassandraConnection connection, IOptions<RetentionOptions> retention, TimeProvider time)
    : IChangeStore
{
    private static readonly Cql AddChange = new(
        "INSERT INTO status_changes (conversation_id, seq, change) VALUES (?, ?, ?) USING TTL ? AND TIMESTAMP ?");

    private static readonly Cql RaiseHead = new(
        "UPDATE conversation_heads USING TIMESTAMP ? SET head = ? WHERE conversation_id = ?");

    private static readonly Cql NoteHour = new(
        "INSERT INTO conversation_hours (conversation_id, hour, highest) VALUES (?, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql FindHead = new("SELECT head, first, erased FROM conversation_heads WHERE conversation_id = ?");

    private static readonly Cql FindHighest = new(
        "SELECT seq FROM status_changes WHERE conversation_id = ? ORDER BY seq DESC LIMIT 1");

    // More than the last one: a log's clock that was set back puts later numbers into earlier hours.
    private static readonly Cql ListHours = new(
        "SELECT highest FROM conversation_hours WHERE conversation_id = ? AND hour < ? LIMIT 24");

    private static readonly Cql List = new(
        "SELECT seq, change FROM status_changes WHERE conversation_id = ? AND seq >= ? AND seq <= ? LIMIT ?");

    private static readonly Cql FindKept = new(
        "SELECT change FROM status_changes WHERE conversation_id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1");

    /// <summary>
    /// Rows to write, those of a round after all of the one before, and last the heads. Of each conversation a round has what goes into
    /// one request, so that a reader that sees a number finds everything below.
    /// </summary>
    public async ValueTask<IReadOnlyList<IReadOnlyList<PartitionRows>>> BindAsync(
        CassandraSession session, IReadOnlyList<StatusChange> changes)
    {
        var rounds = new List<List<PartitionRows>>();
        var heads = new List<PartitionRows>();
        foreach (var conversation in changes.GroupBy(c => c.ConversationId))
        {
            var inOrder = conversation.OrderBy(c => c.Seq).ToArray();
            var round = 0;
            foreach (var chunk in RequestPacker.Chunk(inOrder, session.MaxRowsPerRequest, BytesOf))
            {
                if (round == rounds.Count) rounds.Add([]);
                rounds[round++].Add(await BindAsync(session, chunk));
            }
            heads.Add(await BindHeadAsync(session, inOrder));
        }
        return [.. rounds, heads];
    }

    public async ValueTask<ChangePage> ListChangesAsync(
        Guid conversationId, long since, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var session = await connection.GetAsync(cancellationToken);
        var (head, first, erased) = await FindHeadAsync(session, conversationId, cancellationToken);
        var complete = since < erased
            ? Task.FromResult(false)
            : IsCompleteAsync(session, conversationId, since, head, first, cancellationToken);
        List<StatusChange> changes = [];
        if (since < head)
        {
            // Who was away for long asks for what has expired, which may be more than the server reads through in one request.
            await foreach (var row in Halves.ReadAsync(since + 1, head, ListAsync))
            {
                changes.Add(ChangeCell.Read(conversationId, row.GetValue<long>(0), row, 1));
                if (changes.Count == limit) break;
            }
        }
        return new(head, await complete, changes);

        async Task<List<Row>> ListAsync(long first, long last) => await session
            .QueryAsync(List, cancellationToken, conversationId, first, last, limit - changes.Count)
            .ToListAsync(cancellationToken);
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
        return await session.FindManyAsync(
            conversationIds,
            async (id, ct) => await FindHeadAsync(session, id, ct) is { Head: > 0 and var head } ? head : default(long?),
            cancellationToken);
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

    /// <param name="changes">Of one conversation, by number.</param>
    private static async ValueTask<PartitionRows> BindHeadAsync(CassandraSession session, StatusChange[] changes)
    {
        var (id, highest) = (changes[^1].ConversationId, changes[^1].Seq);
        var rows = new List<BoundStatement> { await session.BindAsync(RaiseHead, highest, highest, id) };
        foreach (var hour in changes.GroupBy(c => ChangeLife.HourOf(c.AppendedAt)))
        {
            var last = hour.Max(c => c.Seq);
            rows.Add(await session.BindAsync(NoteHour, id, hour.Key, last, last));
        }
        return new(rows, Bytes: 60 * rows.Count);
    }

    /// <summary>
    /// Where somebody deleted the head by hand, nothing raises it again while the server keeps the mark of that deletion: the
    /// changes that are there tell it.
    /// </summary>
    private static async Task<(long Head, (long Seq, DateTimeOffset AppendedAt)? First, long Erased)> FindHeadAsync(
        CassandraSession session, Guid conversationId, CancellationToken cancellationToken)
    {
        var row = await session.FindAsync(FindHead, cancellationToken, conversationId);
        var first = row?.GetValue<Tuple<long, DateTimeOffset>?>(1);
        var head = row?.GetValue<long?>(0)
            ?? (await session.FindAsync(FindHighest, cancellationToken, conversationId))?.GetValue<long>(0);
        return (head ?? 0, first is null ? null : (first.Item1, first.Item2), row?.GetValue<long?>(2) ?? 0);
    }

    /// <summary>
    /// Whether everything above <paramref name="since"/> is there: nothing above it was taken by the log in an hour of which rows
    /// may be gone. Rows live longer than an hour beyond the promise.
    /// </summary>
    /// <param name="first">
    /// The first change of all, noted by the version before, which noted no hours: where there are none it tells what it can.
    /// </param>
    private async Task<bool> IsCompleteAsync(
        CassandraSession session,
        Guid conversationId,
        long since,
        long head,
        (long Seq, DateTimeOffset AppendedAt)? first,
        CancellationToken cancellationToken)
    {
        if (since >= head) return true;
        var oldest = time.GetUtcNow() - retention.Value.Changes;
        long? gone = null;
        await foreach (var row in session.QueryAsync(ListHours, cancellationToken, conversationId, ChangeLife.HourOf(oldest)))
            gone = Math.Max(gone ?? 0, row.GetValue<long>(0));
        if (gone is not null) return since >= gone;
        if (first is not { } noted || noted.AppendedAt >= oldest) return true;
        if (since < noted.Seq) return false;
        return await session.FindAsync(FindKept, cancellationToken, conversationId, since) is { } kept
            && ChangeCell.Read(conversationId, since, kept, 0).AppendedAt >= oldest;
    }
}
