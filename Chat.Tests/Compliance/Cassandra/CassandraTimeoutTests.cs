using Chat.Engines.Cassandra;

namespace Chat.Tests.Compliance;

public sealed class CassandraTimeoutTests
{
    // read_request_timeout of cassandra.yaml as it is delivered; that of a write is less.
    private static readonly TimeSpan ServersOwn = TimeSpan.FromSeconds(5);

    /// <summary>Ours begins first: where both are as long, a node's own error comes too late, and the node counts as silent.</summary>
    [Fact]
    public void A_request_waits_for_the_error_of_a_node_that_timed_out_itself() =>
        Assert.True(new CassandraOptions().RequestTimeout > ServersOwn);
}
