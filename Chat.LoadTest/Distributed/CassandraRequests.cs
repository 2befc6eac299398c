namespace Chat.LoadTest.Distributed;

/// <summary>The requests that Cassandra's open connections have sent to it, as it counts them itself: its table of clients.</summary>
internal static class CassandraRequests
{
    private static readonly CassandraQuery Count = new("SELECT sum(request_count) FROM system_views.clients");

    /// <inheritdoc cref="CassandraQuery.SumAsync"/>
    public static Task<long?> CountAsync(IEnumerable<string> nodes, CancellationToken cancellationToken) =>
        Count.SumAsync(nodes, cancellationToken);
}
