using System.Collections.Concurrent;
using Cassandra;
using Chat.Core.Parking;
using Chat.Core.Time;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Statuses that wait, by what they wait for; and an index of them by how long they have waited. The index may name what waits no more:
/// its rows are never deleted one by one, since a sweep would read through the marks that deletions leave (a hundred thousand of them
/// fail a read), but by ranges and partitions once a sweep has passed them.
/// </summary>
internal sealed class ParkedTables(CassandraConnection connection, TimeProvider time) : IParkedStore
{
    private const long BucketMilliseconds = 10 * 60 * 1000;

    /// <summary>
    /// Rows of the index, and notes of its buckets, are dropped only when they are older than this: by then no process' clock is so far
    /// behind that what it writes now would count as older.
    /// </summary>
    private static readonly TimeSpan Settles = TimeSpan.FromHours(1);

    private readonly CautiousClock _clock = new(time);

    private static readonly Cql Park = new(
        "INSERT INTO parked_statuses (subject, seq, value, appended_at) VALUES (?, ?, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql ParkByTime = new(
        "INSERT INTO parked_by_time (bucket, appended_at, subject, seq, value) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql NoteBucket = new(
        "INSERT INTO parked_buckets (part, bucket, noted_at) VALUES (0, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql ForgetBucket = new("DELETE FROM parked_buckets USING TIMESTAMP ? WHERE part = 0 AND bucket = ?");

    private static readonly Cql ListSubject = new(
        "SELECT subject, seq, value, appended_at FROM parked_statuses WHERE subject = ?");

    private static readonly Cql ListSubjects = new(
        "SELECT subject, seq, value, appended_at FROM parked_statuses WHERE subject IN ?");

    private static readonly Cql FindSome = new(
        "SELECT subject, seq, value, appended_at FROM parked_statuses WHERE subject = ? AND seq IN ?");

    private static readonly Cql ListBuckets = new("SELECT bucket, noted_at FROM parked_buckets WHERE part = 0 AND bucket <= ?");

    private static readonly Cql ListBucket = new(
        """
        SELECT appended_at, subject, seq FROM parked_by_time
        WHERE bucket = ? AND (appended_at, subject, seq) > (?, ?, ?) AND (appended_at) < (?) LIMIT ?
        """);

    private static readonly Cql Unpark = new("DELETE FROM parked_statuses USING TIMESTAMP ? WHERE subject = ? AND seq = ?");

    private static readonly Cql DropBucket = new("DELETE FROM parked_by_time USING TIMESTAMP ? WHERE bucket = ?");

    private static readonly Cql DropRange = new(
        "DELETE FROM parked_by_time USING TIMESTAMP ? WHERE bucket = ? AND (appended_at, subject, seq) <= (?, ?, ?)");

    public async ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
    {
        if (statuses.Count == 0) return;
        var session = await connection.GetAsync(cancellationToken);
        var rows = new List<PartitionRows>();
        var now = CellTimes.Ordinary(time.GetUtcNow());
        foreach (var s in statuses)
        {
            var (value, bytes) = (s.Value.ToArray(), 200 + s.Value.Length);
            var bucket = BucketOf(s.AppendedAt);
            rows.Add(new([await session.BindAsync(Park, s.Subject, s.Seq, value, s.AppendedAt, TimestampOf(s))], bytes));
            // With the value, and not only the key, for processes of the version before, which read it here.
            rows.Add(new([await session.BindAsync(ParkByTime, bucket, s.AppendedAt, s.Subject, s.Seq, value, now)], bytes));
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
        var found = await session.ReadAsync(subjects, ListSubject, ListSubjects, cancellationToken);
        return [.. found.Select(Read).OrderBy(s => s.Seq)];
    }

    public async ValueTask<ParkedPage> ListParkedBeforeAsync(
        DateTimeOffset before, ParkedPlace? after, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var session = await connection.GetAsync(cancellationToken);
        var from = after ?? ParkedPlace.Start;
        var listed = new List<ParkedPlace>();
        foreach (var (bucket, _) in await ListBucketsAsync(session, BucketOf(before), cancellationToken))
        {
            if (bucket < BucketOf(from.AppendedAt)) continue;
            var rows = session.QueryAsync(
                ListBucket, cancellationToken, bucket, from.AppendedAt, from.Subject, from.Seq, before, limit - listed.Count);
            await foreach (var row in rows)
                listed.Add(new(row.GetValue<DateTimeOffset>(0), row.GetValue<string>(1), row.GetValue<long>(2)));
            if (listed.Count == limit) break;
        }
        // By their whole keys: of a subject with very many, what was released before is not read through.
        var found = await FindAsync(session, listed, cancellationToken);
        var waiting = found.ToDictionary(s => (s.Subject, s.Seq));
        List<ParkedStatus> parked = [];
        foreach (var place in listed)
        {
            // Each once, whatever the index says.
            if (waiting.Remove((place.Subject, place.Seq), out var status)) parked.Add(status);
        }
        return listed.Count < limit
            ? new(parked, ParkedPlace.Before(before), IsLast: true)
            : new(parked, listed[^1], IsLast: false);
    }

    public async ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken)
    {
        if (statuses.Count == 0) return;
        var session = await connection.GetAsync(cancellationToken);
        var rows = new List<PartitionRows>();
        foreach (var s in statuses)
            rows.Add(new([await session.BindAsync(Unpark, TimestampOf(s), s.Subject, s.Seq)], Bytes: 150));
        await session.WriteAsync(rows, cancellationToken);
    }

    public async ValueTask TidyParkedAsync(ParkedPlace through, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var settled = _clock.UtcNow - Settles;
        var last = BucketOf(through.AppendedAt);
        // What was parked since lies above this timestamp, and stays.
        var timestamp = CellTimes.Ordinary(settled);
        foreach (var (bucket, notedAt) in await ListBucketsAsync(session, last, cancellationToken))
        {
            if (bucket == last)
            {
                await session.ExecuteAsync(
                    DropRange, cancellationToken, timestamp, bucket, through.AppendedAt, through.Subject, through.Seq);
                continue;
            }
            await session.ExecuteAsync(DropBucket, cancellationToken, timestamp, bucket);
            if (notedAt < settled)
                await session.ExecuteAsync(ForgetBucket, cancellationToken, CellTimes.Ordinary(notedAt), bucket);
        }
    }

    private static async Task<List<(int Bucket, DateTimeOffset NotedAt)>> ListBucketsAsync(
        CassandraSession session, int last, CancellationToken cancellationToken)
    {
        var buckets = new List<(int, DateTimeOffset)>();
        await foreach (var row in session.QueryAsync(ListBuckets, cancellationToken, last))
            buckets.Add((row.GetValue<int>(0), row.GetValue<DateTimeOffset>(1)));
        return buckets;
    }

    private static async Task<IEnumerable<ParkedStatus>> FindAsync(
        CassandraSession session, IEnumerable<ParkedPlace> places, CancellationToken cancellationToken)
    {
        var found = new ConcurrentBag<ParkedStatus>();
        await session.ForEachAsync(
            [.. places.GroupBy(p => p.Subject)],
            async (subject, ct) =>
            {
                var seqs = subject.Select(p => p.Seq).Distinct().ToArray();
                await foreach (var row in session.QueryAsync(FindSome, ct, subject.Key, seqs)) found.Add(Read(row));
            },
            cancellationToken);
        return found;
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
