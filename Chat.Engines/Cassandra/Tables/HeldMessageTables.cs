using Cassandra;
using Chat.Core.Accounts;
using Chat.Core.Providers;
using Chat.Core.Time;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Messages that wait, by when they were made, ten minutes a bucket: what a listing reads through of those that were forgotten is bounded,
/// since a bucket that is empty is forgotten too. Within a bucket it may be more than the server reads through in one request
/// (<see cref="Halves"/>).
/// </summary>
internal sealed class HeldMessageTables(CassandraConnection connection, FirstStays firstStays, MessageLife life, TimeProvider time)
    : IHeldMessages
{
    private const long BucketMilliseconds = 10 * 60 * 1000;

    /// <summary>A note of an empty bucket is dropped only when it is older than this, so that one that is made meanwhile stays.</summary>
    private static readonly TimeSpan Settles = TimeSpan.FromHours(1);

    private readonly CautiousClock _clock = new(time);

    private static readonly Cql Hold = new(
        """
        INSERT INTO held_messages (channel, account_id, bucket, message_id, hold_id, conversation_id, scope, value, not_before)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?
        """);

    private static readonly Cql Release = new(
        "DELETE FROM held_messages WHERE channel = ? AND account_id = ? AND bucket = ? AND message_id = ? AND hold_id = ?");

    private static readonly Cql List = new(
        """
        SELECT message_id, hold_id, conversation_id, scope, value, not_before FROM held_messages
        WHERE channel = ? AND account_id = ? AND bucket = ? AND (message_id, hold_id) > (?, ?) AND (message_id) <= (?) LIMIT ?
        """);

    private static readonly Cql NoteBucket = new(
        "INSERT INTO held_buckets (channel, account_id, bucket, noted_at) VALUES (?, ?, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql ForgetBucket = new(
        "DELETE FROM held_buckets USING TIMESTAMP ? WHERE channel = ? AND account_id = ? AND bucket = ?");

    private static readonly Cql ListBuckets = new(
        "SELECT bucket, noted_at FROM held_buckets WHERE channel = ? AND account_id = ? AND bucket >= ?");

    private static readonly TableScan ListAccounts = new("DISTINCT channel, account_id", "held_buckets", "channel, account_id");

    public async ValueTask HoldAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0) return;
        var session = await connection.GetAsync(cancellationToken);
        var timestamp = firstStays.Next();
        var rows = new List<PartitionRows>();
        foreach (var m in messages.DistinctBy(m => (m.Account, HeldPlace.Of(m))))
        {
            var row = await session.BindAsync(
                Hold,
                m.Account.Channel,
                m.Account.AccountId,
                BucketOf(m.MessageId),
                m.MessageId,
                m.HoldId,
                m.ConversationId,
                m.Scope,
                m.Value.ToArray(),
                m.NotBefore,
                timestamp,
                life.SecondsLeft(m.MessageId));
            rows.Add(new([row], Bytes: 200 + (3 * m.Scope.Length) + m.Value.Length));
        }
        await session.WriteAsync(rows, cancellationToken);
        // After the rows: where a bucket is forgotten as an empty one, the writer of a new row makes its note again.
        await session.ForEachAsync(
            [.. messages.Select(m => (m.Account, Bucket: BucketOf(m.MessageId))).Distinct()],
            async (place, ct) =>
            {
                var noted = time.GetUtcNow();
                await session.ExecuteAsync(
                    NoteBucket, ct, place.Account.Channel, place.Account.AccountId, place.Bucket, noted, CellTimes.Ordinary(noted));
            },
            cancellationToken);
    }

    public async ValueTask<IReadOnlyList<HeldMessage>> ListHeldAsync(
        AccountKey account, HeldPlace? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var session = await connection.GetAsync(cancellationToken);
        var from = after ?? new(Guid.Empty, Guid.Empty);
        var buckets = new List<(int Bucket, DateTimeOffset NotedAt)>();
        await foreach (var row in session.QueryAsync(
            ListBuckets, cancellationToken, account.Channel, account.AccountId, BucketOf(from.MessageId)))
        {
            buckets.Add((row.GetValue<int>(0), row.GetValue<DateTimeOffset>(1)));
        }
        var held = new List<HeldMessage>();
        foreach (var (bucket, notedAt) in buckets)
        {
            var before = held.Count;
            var start = Math.Max(bucket * BucketMilliseconds, Bucket.MillisecondsOf(from.MessageId));
            var rows = Bucket.ReadAsync(
                start, ((bucket + 1) * BucketMilliseconds) - 1, (above, through) => ListAsync(bucket, above, through));
            await foreach (var row in rows)
            {
                held.Add(Read(account, row));
                if (held.Count >= limit) return held;
            }
            var isEmpty = held.Count == before && bucket > BucketOf(from.MessageId);
            if (isEmpty && notedAt < _clock.UtcNow - Settles)
            {
                await session.ExecuteAsync(
                    ForgetBucket, cancellationToken, CellTimes.Ordinary(notedAt), account.Channel, account.AccountId, bucket);
            }
        }
        return held;

        async Task<List<Row>> ListAsync(int bucket, Guid above, Guid through)
        {
            var (message, hold) = above == Guid.Empty ? (from.MessageId, from.HoldId) : (above, Guid.AllBitsSet);
            return await session
                .QueryAsync(
                    List,
                    cancellationToken,
                    account.Channel,
                    account.AccountId,
                    bucket,
                    message,
                    hold,
                    through,
                    limit - held.Count)
                .ToListAsync(cancellationToken);
        }
    }

    public async ValueTask<IReadOnlyList<AccountKey>> ListHeldAccountsAsync(string channel, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var accounts = new List<AccountKey>();
        await foreach (var row in ListAccounts.ReadAsync(session, row => row.GetValue<string>(0) == channel, cancellationToken))
            accounts.Add(new(channel, row.GetValue<string>(1)));
        return accounts;
    }

    public async ValueTask ReleaseAsync(IReadOnlyList<HeldMessage> messages, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var rows = new List<PartitionRows>();
        foreach (var m in messages)
        {
            var row = await session.BindAsync(
                Release, m.Account.Channel, m.Account.AccountId, BucketOf(m.MessageId), m.MessageId, m.HoldId);
            rows.Add(new([row], Bytes: 150));
        }
        await session.WriteAsync(rows, cancellationToken);
    }

    private static int BucketOf(Guid messageId) => (int)(Bucket.MillisecondsOf(messageId) / BucketMilliseconds);

    private static HeldMessage Read(AccountKey account, Row row) => new(
        account,
        row.GetValue<Guid>(0),
        row.GetValue<Guid>(1),
        row.GetValue<Guid>(2),
        row.GetValue<string>(3),
        row.GetValue<byte[]?>(4) ?? [],
        HeldMessage.TimeOf(row.GetValue<DateTimeOffset>(5)));
}
