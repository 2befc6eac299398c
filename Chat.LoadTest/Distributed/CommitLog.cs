using System.Net.Sockets;

namespace Chat.LoadTest.Distributed;

/// <summary>
/// Whether writes of the services' keyspace go through Cassandra's commit log. Without it each waits for no disk, which is what bounds
/// those that come in great numbers; should the server die meanwhile, they are lost.
/// </summary>
internal sealed class CommitLog(ServerOptions servers, TimeSpan? within = null)
{
    private static readonly CassandraQuery Leave = new("ALTER KEYSPACE chat WITH durable_writes = false");
    private static readonly CassandraQuery Use = new("ALTER KEYSPACE chat WITH durable_writes = true");

    private readonly TimeSpan _within = within ?? TimeSpan.FromSeconds(10);

    /// <summary>Leaves it out while something is done.</summary>
    public async Task LeaveOutAsync(Func<Task> write, CancellationToken cancellationToken)
    {
        await Leave.RunAsync(servers.CassandraNodes[0], cancellationToken);
        try
        {
            await write();
        }
        catch
        {
            // The data folder is there after the run. But Cassandra may have failed, or be ending too: the first failure is told.
            await TryUseAsync();
            throw;
        }
        await UseInTimeAsync();
    }

    /// <summary>Uses it again, should a run have ended before it could.</summary>
    public Task UseAsync(CancellationToken cancellationToken) => Use.RunAsync(servers.CassandraNodes[0], cancellationToken);

    private async Task TryUseAsync()
    {
        try
        {
            await UseInTimeAsync();
        }
        catch (Exception exception) when (exception is InvalidOperationException or TimeoutException or IOException or SocketException)
        {
            Progress.Say($"the commit log is still left out: {exception.Message}");
        }
    }

    // Whether or not the run was interrupted; a node that hangs may take a connection and never answer.
    private async Task UseInTimeAsync()
    {
        using var deadline = new CancellationTokenSource(_within);
        try
        {
            await UseAsync(deadline.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"Cassandra did not answer within {_within.TotalSeconds:0.#} s.", exception);
        }
    }
}
