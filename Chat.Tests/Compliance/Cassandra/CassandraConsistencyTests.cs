using Cassandra;
using Chat.Engines.Cassandra;
using Chat.Engines.Cassandra.Connection;
using Microsoft.Extensions.DependencyInjection;
using Host = Microsoft.Extensions.Hosting.Host;

namespace Chat.Tests.Compliance;

/// <summary>What the engine promises of several replicas, and no test on one node shows.</summary>
public sealed class CassandraConsistencyTests
{
    [Fact]
    public async Task A_write_and_a_read_have_a_replica_in_common()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:cassandra"] = "Contact Points=127.0.0.1";
        builder.AddCassandraStore();
        using var host = builder.Build();

        using var cluster = await host.Services.GetRequiredService<CassandraConnection>()
            .BuildAsync(TestContext.Current.CancellationToken);

        var options = cluster.Configuration.QueryOptions;
        Assert.Equal(
            (ConsistencyLevel.LocalQuorum, ConsistencyLevel.LocalSerial),
            (options.GetConsistencyLevel(), options.GetSerialConsistencyLevel()));
    }
}
