using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Cassandra;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>A session of the driver in our keyspace: prepares, binds, executes, pages, and bounds what is in flight.</summary>
internal sealed class CassandraSession(ISession session, DriverLogging driverLog, CassandraOptions options, TimeProvider time)
{
    private const int PageSize = 1000;

    private const int TransactionTries = 8;

    // Once for all who ask at the same time: after a start, or an outage, that is everybody.
    private readonly ConcurrentDictionary<Cql, Lazy<Task<PreparedStatement>>> _prepared = new();

    /// <summary>Rows that go into one request at most.</summary>
    public int MaxRowsPerRequest => options.MaxRowsPerRequest;

    /// <param name="values">Null writes nothing in that column, rather than a tombstone.</param>
    public async ValueTask<BoundStatement> BindAsync(Cql cql, params object?[] values)
    {
        var prepared = await PrepareAsync(cql);
        for (var i = 0; i < values.Length; i++) values[i] ??= Unset.Value;
        var bound = prepared.Bind(values);
        bound.SetPageSize(PageSize);
        return bound;
    }

    public async Task<RowSet> ExecuteAsync(Cql cql, CancellationToken cancellationToken, params object?[] values) =>
        await ExecuteAsync(await BindAsync(cql, values), cancellationToken);

    /// <summary>The one row of a query by primary key.</summary>
    public async Task<Row?> FindAsync(Cql cql, CancellationToken cancellationToken, params object?[] values) =>
        (await ExecuteAsync(cql, cancellationToken, values)).FirstOrDefault();

    /// <summary>
    /// Carries out a lightweight transaction and answers with its row. Those that meet on one partition push each other aside,
    /// and the server rejects some: they are retried, after a pause of random length, for as long as a request may take. A
    /// rejected one may have succeeded all the same, and so may one that the driver repeats at the next node (it does, whatever a statement
    /// says of itself), so that the caller may find its own values in the answer.
    /// </summary>
    public async Task<Row> TransactAsync(Cql cql, CancellationToken cancellationToken, params object?[] values)
    {
        var started = time.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            try
            {
                return (await ExecuteAsync(cql, cancellationToken, values)).First();
            }
            catch (WriteTimeoutException) when (tries < TransactionTries && time.GetElapsedTime(started) < options.RequestTimeout)
            {
                var pause = TimeSpan.FromMilliseconds(Random.Shared.Next(20, Math.Min(1000, 100 << tries)));
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    /// <summary>All rows, a page at a time.</summary>
    public async IAsyncEnumerable<Row> QueryAsync(
        Cql cql, [EnumeratorCancellation] CancellationToken cancellationToken, params object?[] values)
    {
        await foreach (var row in QueryAsync(await BindAsync(cql, values), cancellationToken)) yield return row;
    }

    private async IAsyncEnumerable<Row> QueryAsync(
        BoundStatement statement, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rows = await ExecuteAsync(statement, cancellationToken);
        while (true)
        {
            // Going on past what is there would block on the next page.
            for (var left = rows.GetAvailableWithoutFetching(); left > 0; left--) yield return rows.First();
            if (rows.IsFullyFetched) yield break;
            driverLog.Begin();
            await BoundedAsync(rows.FetchMoreResultsAsync(), cancellationToken);
        }
    }

    /// <summary>
    /// Writes rows of many partitions, in no order between them. Where it throws, some may be written and some not.
    /// </summary>
    public Task WriteAsync(IEnumerable<PartitionRows> partitions, CancellationToken cancellationToken) =>
        ForEachAsync(
            Pack(partitions),
            (request, ct) => ExecuteTogetherAsync(
                request.Count == 1 ? request[0].Rows : [.. request.SelectMany(p => p.Rows)], ct),
            cancellationToken);

    /// <summary>Whether <see cref="WriteAsync"/> writes all of them in one request.</summary>
    public bool IsOneRequest(IReadOnlyCollection<PartitionRows> partitions) =>
        partitions.Count <= RequestPacker.MaxPartitions && Pack(partitions).Count == 1;

    private List<List<PartitionRows>> Pack(IEnumerable<PartitionRows> partitions) =>
        RequestPacker.Pack(partitions, p => ReplicasOf(p.Rows[0]), p => p.Bytes);

    /// <summary>Writes rows in one request: without a log of the batch, since each of them may be written again.</summary>
    public Task ExecuteTogetherAsync(IReadOnlyList<BoundStatement> statements, CancellationToken cancellationToken)
    {
        if (statements.Count == 1) return ExecuteAsync(statements[0], cancellationToken);
        var batch = new BatchStatement().SetBatchType(BatchType.Unlogged);
        foreach (var statement in statements) batch.Add(statement);
        return ExecuteAsync(batch, cancellationToken);
    }

    /// <summary>
    /// Runs the work of many partitions, <see cref="CassandraOptions.MaxConcurrency"/> at a time. Where one fails, those that
    /// began are waited for and no more begin.
    /// </summary>
    public async Task ForEachAsync<T>(
        IReadOnlyList<T> items, Func<T, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        if (items.Count == 0) return;
        if (items.Count == 1)
        {
            await work(items[0], cancellationToken);
            return;
        }
        var next = -1;
        var failed = false;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(options.MaxConcurrency, items.Count)).Select(_ => WorkAsync()));

        async Task WorkAsync()
        {
            while (!Volatile.Read(ref failed) && Interlocked.Increment(ref next) is var i && i < items.Count)
            {
                try
                {
                    await work(items[i], cancellationToken);
                }
                catch
                {
                    Volatile.Write(ref failed, true);
                    throw;
                }
            }
        }
    }

    /// <summary>
    /// Reads partitions by their keys, in no order, several in one request where the same replicas hold them, as
    /// <see cref="WriteAsync"/> writes: the request costs more than the row. Partitions with other replicas would fail with one that
    /// can't be read.
    /// </summary>
    /// <param name="one">Names one key, which is its first value.</param>
    /// <param name="several">The same with <c>IN</c>.</param>
    /// <param name="rest">The other values, of both.</param>
    public async Task<IReadOnlyCollection<Row>> ReadAsync<TKey>(
        IEnumerable<TKey> keys, Cql one, Cql several, CancellationToken cancellationToken, params object?[] rest)
    {
        var wanted = new List<(TKey Key, BoundStatement Alone)>();
        foreach (var key in keys.Distinct()) wanted.Add((key, await BindAsync(one, [key, .. rest])));
        var found = new ConcurrentBag<Row>();
        await ForEachAsync(
            RequestPacker.Pack(wanted, w => ReplicasOf(w.Alone), static _ => 0),
            async (request, ct) =>
            {
                var statement = request[0].Alone;
                if (request.Count > 1)
                {
                    var replica = statement.RoutingKey;
                    statement = await BindAsync(several, [request.Select(w => w.Key).ToArray(), .. rest]);
                    // The driver finds none in a list of keys, and any node would have to ask another one.
                    if (replica is not null) statement.SetRoutingKey(replica);
                }
                await foreach (var row in QueryAsync(statement, ct)) found.Add(row);
            },
            cancellationToken);
        return found;
    }

    /// <summary>
    /// Looks keys up that each are a partition of their own, <see cref="CassandraOptions.MaxConcurrency"/> at a time, each at a replica
    /// of it. What is not found is missing in the answer.
    /// </summary>
    /// <remarks>
    /// Not one request with <c>IN</c>, as <see cref="ReadAsync"/> makes where many are read of every batch: its node would ask the others.
    /// </remarks>
    public async Task<IReadOnlyDictionary<TKey, TValue>> FindManyAsync<TKey, TValue>(
        IReadOnlyCollection<TKey> keys,
        Func<TKey, CancellationToken, Task<TValue?>> find,
        CancellationToken cancellationToken)
        where TKey : notnull
        where TValue : struct
    {
        var found = new ConcurrentDictionary<TKey, TValue>();
        await ForEachAsync(
            [.. keys.Distinct()],
            async (key, ct) =>
            {
                if (await find(key, ct) is { } value) found[key] = value;
            },
            cancellationToken);
        return found;
    }

    private async ValueTask<PreparedStatement> PrepareAsync(Cql cql)
    {
        var preparing = _prepared.GetOrAdd(cql, c => new(() => session.PrepareAsync(c.Text)));
        driverLog.Begin();
        try
        {
            await BoundedAsync(preparing.Value, CancellationToken.None);
            return await preparing.Value;
        }
        catch
        {
            // The next one who asks tries again.
            _prepared.TryRemove(KeyValuePair.Create(cql, preparing));
            throw;
        }
    }

    /// <summary>The same number for partitions on the same replicas; another one mostly, where they are others.</summary>
    private int ReplicasOf(BoundStatement statement)
    {
        var replicas = 0;
        if (statement.RoutingKey is { } key)
        {
            // In no order: each of them holds the partition.
            foreach (var host in session.Cluster.GetReplicas(session.Keyspace, key.RawRoutingKey)) replicas ^= host.GetHashCode();
        }
        return replicas;
    }

    private async Task<RowSet> ExecuteAsync(IStatement statement, CancellationToken cancellationToken)
    {
        driverLog.Begin();
        try
        {
            var executing = session.ExecuteAsync(statement);
            await BoundedAsync(executing, cancellationToken);
            return await executing;
        }
        catch (DriverException exception) when (CassandraRefusals.Find(exception) is { } refused)
        {
            throw refused;
        }
    }

    // The driver gives a node up in time, and then asks the next one, and the next: two are enough for anyone who waits.
    private Task BoundedAsync(Task request, CancellationToken cancellationToken) =>
        request.WaitAsync(options.RequestTimeout * 2, time, cancellationToken);
}
