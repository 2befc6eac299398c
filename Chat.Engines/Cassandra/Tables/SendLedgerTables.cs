using Cassandra;
using Chat.Core.Collections;
using Chat.Core.Providers;
using Chat.Core.Time;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Tries of sending to real providers. A claim is a lightweight transaction; an answer is not: its columns are no claim's, and of two the
/// one with the higher write timestamp stays, which "unknown" never has. The index of open tries is written before the claim, so that no
/// crash leaves one that it does not name; what it names and is answered is removed when it is answered, or else when it is listed.
/// </summary>
internal sealed class SendLedgerTables(
    CassandraConnection connection, FirstStays firstStays, MessageLife life, TimeProvider time) : ISendLedger
{
    private const int Remembered = 10_000;

    private const long BucketMilliseconds = 60 * 1000;

    private const int ListedAtOnce = 200;

    /// <summary>Below every other answer's.</summary>
    private const long UnknownTimestamp = 1;

    /// <summary>
    /// A bucket that is empty is forgotten only when it is older than this: by then nobody writes into it, however far behind their clock
    /// is.
    /// </summary>
    private static readonly TimeSpan Settles = TimeSpan.FromHours(1);

    private readonly CautiousClock _clock = new(time);

    private const string Columns =
        "message_id, number, conversation_id, channel, account_id, owner, at, outcome, provider_message_id";

    // Have no end: a message that the log delivers after its own end would be sent again.
    private static readonly Cql Claim = new(
        """
        INSERT INTO send_tries (message_id, number, conversation_id, channel, account_id, owner, at) VALUES (?, ?, ?, ?, ?, ?, ?)
        IF NOT EXISTS
        """);

    // Below every claim's: where there is one, this changes nothing.
    private static readonly Cql AddAnswered = new(
        """
        INSERT INTO send_tries (message_id, number, conversation_id, channel, account_id, owner, at) VALUES (?, ?, ?, ?, ?, ?, ?)
        USING TIMESTAMP 1
        """);

    private static readonly Cql AnswerOutcome = new(
        "UPDATE send_tries USING TIMESTAMP ? SET outcome = ? WHERE message_id = ? AND number = ?");

    private static readonly Cql AnswerId = new(
        "UPDATE send_tries USING TIMESTAMP ? AND TTL ? SET provider_message_id = ? WHERE message_id = ? AND number = ?");

    private static readonly Cql Find = new($"SELECT {Columns} FROM send_tries WHERE message_id = ? AND number = ?");

    private static readonly Cql FindLatest = new($"SELECT {Columns} FROM send_tries WHERE message_id = ? PER PARTITION LIMIT 1");

    private static readonly Cql FindSeveralLatest = new($"SELECT {Columns} FROM send_tries WHERE message_id IN ? PER PARTITION LIMIT 1");

    private static readonly Cql AddOpen = new(
        "INSERT INTO open_send_tries (channel, bucket, at, message_id, number) VALUES (?, ?, ?, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql RemoveOpen = new(
        """
        DELETE FROM open_send_tries USING TIMESTAMP ? WHERE channel = ? AND bucket = ? AND at = ? AND message_id = ? AND number = ?
        """);

    private static readonly Cql ListOpen = new(
        "SELECT at, message_id, number FROM open_send_tries WHERE channel = ? AND bucket = ? AND at >= ? AND at <= ?");

    private static readonly Cql NoteBucket = new(
        "INSERT INTO open_send_buckets (channel, bucket, noted_at) VALUES (?, ?, ?) USING TIMESTAMP ?");

    private static readonly Cql ForgetBucket = new("DELETE FROM open_send_buckets USING TIMESTAMP ? WHERE channel = ? AND bucket = ?");

    private static readonly Cql ListBuckets = new("SELECT bucket, noted_at FROM open_send_buckets WHERE channel = ? AND bucket <= ?");

    private readonly BoundedCache<(string Channel, int Bucket), bool> _noted = new(Remembered);

    public async ValueTask<SendEntry> ClaimTryAsync(SendTry claim, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        await AddOpenAsync(session, [claim], cancellationToken);
        var answer = await session.TransactAsync(
            Claim,
            cancellationToken,
            claim.MessageId,
            claim.Number,
            claim.ConversationId,
            claim.Account.Channel,
            claim.Account.AccountId,
            claim.Owner,
            claim.At);
        if (answer.GetValue<bool>("[applied]")) return new(claim, null, null);
        return new(
            new(
                claim.MessageId,
                answer.GetValue<Guid>("conversation_id"),
                new(answer.GetValue<string>("channel"), answer.GetValue<string>("account_id")),
                claim.Number,
                answer.GetValue<Guid>("owner"),
                answer.GetValue<DateTimeOffset>("at")),
            (SendOutcome?)answer.GetValue<int?>("outcome"),
            answer.GetValue<string?>("provider_message_id") is { Length: > 0 } id ? id : null);
    }

    public async ValueTask<IReadOnlyDictionary<Guid, SendEntry>> FindLatestTriesAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var rows = await session.ReadAsync(messageIds, FindLatest, FindSeveralLatest, cancellationToken);
        return rows.Select(Read).ToDictionary(e => e.Try.MessageId);
    }

    public async ValueTask RecordAnswersAsync(IReadOnlyList<SendEntry> answers, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        await AddOpenAsync(
            session, [.. answers.Where(a => a.Outcome == SendOutcome.Unknown).Select(a => a.Try)], cancellationToken);
        var rows = new List<PartitionRows>();
        foreach (var answer in answers)
        {
            if (answer.Outcome is { } outcome) rows.Add(await BindAsync(session, answer.Try, outcome, answer.ProviderMessageId ?? ""));
        }
        await session.WriteAsync(rows, cancellationToken);
        var closed = answers.Where(a => !a.IsOpen).Select(a => a.Try);
        await RemoveOpenAsync(session, closed.Select(t => (t.Account.Channel, Open.Of(t))), cancellationToken);
    }

    private async ValueTask<PartitionRows> BindAsync(CassandraSession session, SendTry t, SendOutcome outcome, string id)
    {
        var timestamp = outcome == SendOutcome.Unknown ? UnknownTimestamp : firstStays.Next();
        return new(
            [
                await session.BindAsync(
                    AddAnswered, t.MessageId, t.Number, t.ConversationId, t.Account.Channel, t.Account.AccountId, t.Owner, t.At),
                await session.BindAsync(AnswerOutcome, timestamp, (int)outcome, t.MessageId, t.Number),
                // Empty for none, so that both columns stay together.
                await session.BindAsync(AnswerId, timestamp, life.SecondsLeft(t.MessageId), id, t.MessageId, t.Number),
            ],
            Bytes: 400 + (3 * id.Length));
    }

    public async ValueTask<IReadOnlyList<SendEntry>> ListOpenTriesAsync(
        string channel, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var session = await connection.GetAsync(cancellationToken);
        var buckets = new List<(int Bucket, DateTimeOffset NotedAt)>();
        await foreach (var row in session.QueryAsync(ListBuckets, cancellationToken, channel, BucketOf(before)))
            buckets.Add((row.GetValue<int>(0), row.GetValue<DateTimeOffset>(1)));
        var found = new List<SendEntry>();
        foreach (var (bucket, notedAt) in buckets)
        {
            var isEmpty = true;
            var some = new List<Open>();
            var start = bucket * BucketMilliseconds;
            var end = Math.Min(start + BucketMilliseconds, before.ToUnixTimeMilliseconds());
            // What was answered may be more than the server reads through in one request.
            await foreach (var row in Halves.ReadAsync(start, end - 1, (first, last) => ListAsync(bucket, first, last)))
            {
                isEmpty = false;
                some.Add(new(row.GetValue<DateTimeOffset>(0), row.GetValue<Guid>(1), row.GetValue<int>(2)));
                if (some.Count < ListedAtOnce) continue;
                found.AddRange(await CheckAsync(session, channel, some, cancellationToken));
                if (found.Count >= limit) return found[..limit];
                some.Clear();
            }
            found.AddRange(await CheckAsync(session, channel, some, cancellationToken));
            if (found.Count >= limit) return found[..limit];
            var settled = _clock.UtcNow - Settles;
            if (isEmpty && notedAt < settled && bucket < BucketOf(settled) && bucket < BucketOf(before))
                await session.ExecuteAsync(ForgetBucket, cancellationToken, CellTimes.Ordinary(notedAt), channel, bucket);
        }
        return found;

        Task<List<Row>> ListAsync(int bucket, long first, long last) => session
            .QueryAsync(
                ListOpen,
                cancellationToken,
                channel,
                bucket,
                DateTimeOffset.FromUnixTimeMilliseconds(first),
                DateTimeOffset.FromUnixTimeMilliseconds(last))
            .ToListAsync(cancellationToken)
            .AsTask();
    }

    /// <summary>Those of the tries that are open indeed; the others' rows of the index are removed.</summary>
    private async Task<IEnumerable<SendEntry>> CheckAsync(
        CassandraSession session, string channel, IReadOnlyList<Open> listed, CancellationToken cancellationToken)
    {
        var entries = new SendEntry?[listed.Count];
        await session.ForEachAsync(
            [.. Enumerable.Range(0, listed.Count)],
            async (i, ct) => entries[i] = await session.FindAsync(Find, ct, listed[i].MessageId, listed[i].Number) is { } row
                ? Read(row)
                : null,
            cancellationToken);
        var (open, stale) = (new List<SendEntry>(), new List<(string, Open)>());
        for (var i = 0; i < entries.Length; i++)
        {
            var place = listed[i];
            if (entries[i] is not { } entry)
            {
                // A claim that is being made; after a while, one whose process died before it was.
                if (place.At < _clock.UtcNow - Settles) stale.Add((channel, place));
            }
            else if (entry.IsOpen && entry.Try.At == place.At)
            {
                open.Add(entry);
            }
            else
            {
                stale.Add((channel, place));
            }
        }
        await RemoveOpenAsync(session, stale, cancellationToken);
        return open;
    }

    private async Task AddOpenAsync(CassandraSession session, IReadOnlyList<SendTry> tries, CancellationToken cancellationToken)
    {
        var rows = new List<PartitionRows>();
        foreach (var t in tries)
        {
            var row = await session.BindAsync(
                AddOpen, t.Account.Channel, BucketOf(t.At), t.At, t.MessageId, t.Number, CellTimes.Ordinary(t.At));
            rows.Add(new([row], Bytes: 150));
        }
        await session.WriteAsync(rows, cancellationToken);
        // After the rows: where a bucket is forgotten as an empty one, the writer of a new row makes its note again.
        foreach (var place in tries.Select(t => (t.Account.Channel, Bucket: BucketOf(t.At))).Distinct())
        {
            var now = time.GetUtcNow();
            if (_noted.TryGet(place, out _) && place.Bucket > BucketOf(now - (Settles / 2))) continue;
            await session.ExecuteAsync(NoteBucket, cancellationToken, place.Channel, place.Bucket, now, CellTimes.Ordinary(now));
            _noted.GetOrAdd(place, true);
        }
    }

    /// <summary>By the timestamp that they were written with: a claim that is repeated does not bring them back.</summary>
    private static async Task RemoveOpenAsync(
        CassandraSession session, IEnumerable<(string Channel, Open Try)> tries, CancellationToken cancellationToken)
    {
        var rows = new List<PartitionRows>();
        foreach (var (channel, t) in tries)
        {
            var row = await session.BindAsync(
                RemoveOpen, CellTimes.Ordinary(t.At), channel, BucketOf(t.At), t.At, t.MessageId, t.Number);
            rows.Add(new([row], Bytes: 150));
        }
        await session.WriteAsync(rows, cancellationToken);
    }

    private static int BucketOf(DateTimeOffset time) =>
        (int)Math.Clamp(time.ToUnixTimeMilliseconds() / BucketMilliseconds, 0, int.MaxValue);

    private static SendEntry Read(Row row) => new(
        new(
            row.GetValue<Guid>(0),
            row.GetValue<Guid>(2),
            new(row.GetValue<string>(3), row.GetValue<string>(4)),
            row.GetValue<int>(1),
            row.GetValue<Guid>(5),
            row.GetValue<DateTimeOffset>(6)),
        (SendOutcome?)row.GetValue<int?>(7),
        MessageRow.TextOrNull(row, 8));

    /// <summary>A row of the index.</summary>
    private readonly record struct Open(DateTimeOffset At, Guid MessageId, int Number)
    {
        public static Open Of(SendTry t) => new(t.At, t.MessageId, t.Number);
    }
}
