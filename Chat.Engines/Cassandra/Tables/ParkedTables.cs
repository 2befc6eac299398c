using Cassandra;
using Chat.Core.Parking;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>Statuses that wait, by what they wait for and by how long they have waited.</summary>
internal sealed class ParkedTables(CassandraConnection connection, TimeProvider time) : IParkedStore
{
    private const long BucketMilliseconds = 10 * 60 * 1000;

    /// <summary>
    /// A note of a bucket is taken back only when it is older than this: by then no process' clock is so far behind that a note
    /// which it makes now would count as the older one.
    /// </summary>
    private static readonly TimeSpan NoteSettles = TimeSpan.FromHours(1);

    private static readonly Cql Park = new(
        "INSERT INTO parked_statuses (subject, seq, value, appended_at) VALUES (?, ?, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql ParkByTime = new(
        "INSERT INTO parked_by_time (bucket, appended_at, subject, seq, value) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql NoteBucket = new(
        "INSERT INTO parked_buckets (part, bucket, noted_at) VALUES (0, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql ForgetBucket = new("DELETE FROM parked_buckets USING TIMESTAMP ? WHERE part = 0 AND bucket = ?");

    private static readonly Cql ListSubject = new(
        "SELECT subject, seq, value, appended_at FROM parked_statuses WHERE subject = ?");

    private static readonly Cql ListBuckets = new("SELECT bucket, noted_at FROM parked_buckets WHERE part = 0 AND bucket <= ?");

    private static readonly Cql ListBucket = new(
        "SELECT subject, seq, value, appended_at FROM parked_by_time WHERE bucket = ? AND appended_at < ? LIMIT ?");

    private static readonly Cql Unpark = new("DELETE FROM parked_statuses USING TIMESTAMP ? WHERE subject = ? AND seq = ?");

    private static readonly Cql UnparkByTime = new(
        "DELETE FROM parked_by_time USING TIMESTAMP ? WHERE bucket = ? AND appended_at = ? AND subject = ? AND seq = ?");

    public async ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
    {
        if (statuses.Count == 0) return;
        var session = await connection.GetAsync(cancellationToken);
        var rows = new List<PartitionRows>();
        foreach (var s in statuses)
        {
            var (value, timestamp, bytes) = (s.Value.ToArray(), TimestampOf(s), 200 + s.Value.Length);
            var bucket = BucketOf(s.AppendedAt);
            rows.Add(new([await session.BindAsync(Park, s.Subject, s.Seq, value, s.AppendedAt, timestamp)], bytes));
            rows.Add(new([await session.BindAsync(ParkByTime, bucket, s.AppendedAt, s.Subject, s.Seq, value, timestamp)], bytes));
        }
        await session.WriteAsync(rows, cancellationToken);
        // After the rows: where a sweep removes the note of an empty bucket, the writer of a new row makes it again.
        await session.ForEachAsync(
            [.. statuses.Select(s => BucketOf(s.AppendedAt)).Distinct()],
            async (bucket, ct) =>
            {
                var noted = time.GetUtcNow();
                await session.ExecuteAsync(NoteBucket, ct, bucket, noted, CellTimes.Ordinary(noted));
            },
            cancellationToken);
    }

    public async ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(
        IReadOnlyCollection<string> subjects, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        string[] distinct = [.. subjects.Distinct()];
        var found = new List<ParkedStatus>[distinct.Length];
        await session.ForEachAsync(
            [.. Enumerable.Range(0, distinct.Length)],
            async (i, ct) =>
            {
                found[i] = [];
                await foreach (var row in session.QueryAsync(ListSubject, ct, distinct[i])) found[i].Add(Read(row));
            },
            cancellationToken);
        return [.. found.SelectMany(f => f).OrderBy(s => s.Seq)];
    }

    public async ValueTask<IReadOnlyList<ParkedStatus>> ListParkedBeforeAsync(
        DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var session = await connection.GetAsync(cancellationToken);
        var buckets = new List<(int Bucket, DateTimeOffset NotedAt)>();
        await foreach (var row in session.QueryAsync(ListBuckets, cancellationToken, BucketOf(before)))
            buckets.Add((row.GetValue<int>(0), row.GetValue<DateTimeOffset>(1)));

        List<ParkedStatus> parked = [];
        foreach (var (bucket, notedAt) in buckets)
        {
            var empty = true;
            await foreach (var row in session
                .QueryAsync(ListBucket, cancellationToken, bucket, before, limit - parked.Count))
            {
                empty = false;
                parked.Add(Read(row));
            }
            if (parked.Count == limit) break;
            var over = bucket < BucketOf(before);
            if (empty && over && notedAt < time.GetUtcNow() - NoteSettles)
                await session.ExecuteAsync(ForgetBucket, cancellationToken, CellTimes.Ordinary(notedAt), bucket);
        }
        return parked;
    }

    public async ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
    {
        if (statuses.Count == 0) return;
        var session = await connection.GetAsync(cancellationToken);
        var rows = new List<PartitionRows>();
        foreach (var s in statuses)
        {
            var (timestamp, bucket) = (TimestampOf(s), BucketOf(s.AppendedAt));
            rows.Add(new([await session.BindAsync(Unpark, timestamp, s.Subject, s.Seq)], Bytes: 150));
            rows.Add(new([await session.BindAsync(UnparkByTime, timestamp, bucket, s.AppendedAt, s.Subject, s.Seq)], Bytes: 150));
        }
        await session.WriteAsync(rows, cancellationToken);
    }

    /// <summary>
    /// The same whenever and by whomever the status is parked and released; at a tie the deletion stays. A status that was
    /// released does not come back when its event is delivered once more.
    /// </summary>
    private static long TimestampOf(ParkedStatus status) => CellTimes.Ordinary(status.AppendedAt);

    private static int BucketOf(
        DateTimeOffset time) => (int)Math.Clamp(time.ToUnixTimeMilliseconds() / BucketMilliseconds, 0, int.MaxValue);

    private static ParkedStatus Read(Row row) =>
        new(row.GetValue<string>(0), row.GetValue<long>(1), row.GetValue<byte[]>(2), row.GetValue<DateTimeOffset>(3));
}
