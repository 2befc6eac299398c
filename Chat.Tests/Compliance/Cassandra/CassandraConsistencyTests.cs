using Cassandra;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Tests.Compliance;

/// <summary>What the engine promises of several replicas, and no test on one node shows.</summary>
public sealed class CassandraConsistencyTests
{
    [Fact]
    public void A_write_and_a_read_have_a_replica_in_common()
    {
        var options = CassandraConnection.Consistency();

        Assert.Equal(
            (ConsistencyLevel.LocalQuorum, ConsistencyLevel.LocalSerial),
            (options.GetConsistencyLevel(), options.GetSerialConsistencyLevel()));
    }
}
