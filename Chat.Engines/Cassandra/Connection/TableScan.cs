using Cassandra;
using Chat.Engines.Cassandra.Tables;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// Reads through a whole table, by <see cref="Halves"/> of its tokens; a partition that alone has too many tombstones by its first
/// clustering column, where that is said.
/// </summary>
/// <param name="key">The columns of the partition key.</param>
/// <param name="clustering"><c>message_id</c>, <c>seq</c> or null.</param>
internal sealed class TableScan(string columns, string table, string key, string? clustering = null)
{
    // The lowest number is no token of a row: the server takes it for "no bound".
    private const long FirstToken = long.MinValue + 1;

    private readonly Cql _pieces = new($"SELECT {columns} FROM {table} WHERE token({key}) >= ? AND token({key}) <= ?");

    // The server reads nothing beyond these bounds, though it wants to hear that it may filter.
    private readonly Cql _piecesOfOne = new(
        $"""
        SELECT {columns} FROM {table}
        WHERE token({key}) >= ? AND token({key}) <= ? AND {clustering} > ? AND {clustering} <= ? ALLOW FILTERING
        """);

    /// <param name="isWanted">The others are not kept: a table is more than fits into memory.</param>
    public IAsyncEnumerable<Row> ReadAsync(CassandraSession session, Func<Row, bool> isWanted, CancellationToken cancellationToken)
    {
        return Halves.ReadAsync(FirstToken, long.MaxValue, async (first, last) => first < last || clustering is null
            ? await ListAsync(_pieces, first, last)
            : await ReadOne(first).ToListAsync(cancellationToken));

        IAsyncEnumerable<Row> ReadOne(long token) => clustering == "message_id"
            ? Bucket.ReadAsync(0, Bucket.LastMillisecond, (above, through) => ListAsync(_piecesOfOne, token, token, above, through))
            : Halves.ReadAsync(0, long.MaxValue, (first, last) => ListAsync(_piecesOfOne, token, token, first - 1, last));

        Task<List<Row>> ListAsync(Cql cql, params object?[] values) =>
            session.QueryAsync(cql, cancellationToken, values).Where(isWanted).ToListAsync(cancellationToken).AsTask();
    }
}
