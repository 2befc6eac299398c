namespace Chat.LoadTest.Distributed;

/// <summary>
/// Whether writes of the services' keyspace go through Cassandra's commit log. Without it each waits for no disk, which is what bounds
/// those that come in great numbers; should the server die meanwhile, they are lost.
/// </summary>
internal sealed class CommitLog(ServerOptions servers)
{
    private static readonly CassandraQuery Leave = new("ALTER KEYSPACE chat WITH durable_writes = false");
    private static readonly CassandraQuery Use = new("ALTER KEYSPACE chat WITH durable_writes = true");

    /// <summary>Leaves it out while something is done.</summary>
    public async Task LeaveOutAsync(Func<Task> write, CancellationToken cancellationToken)
    {
        await Leave.RunAsync(servers.CassandraNodes[0], cancellationToken);
        try
        {
            await write();
        }
        finally
        {
            // Of one that failed or was interrupted too: the data folder is there after the run.
            await UseAsync(CancellationToken.None);
        }
    }

    /// <summary>Uses it again, should a run have ended before it could.</summary>
    public Task UseAsync(CancellationToken cancellationToken) => Use.RunAsync(servers.CassandraNodes[0], cancellationToken);
}
