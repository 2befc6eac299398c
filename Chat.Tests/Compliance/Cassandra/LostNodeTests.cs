using Chat.Tests.Engines;

namespace Chat.Tests.Compliance;

[Collection(CassandraCollection.Name)]
public sealed class LostNodeTests(CassandraServer server)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_node_that_is_dead_or_hangs_costs_posts_a_bounded_time_and_nothing_that_was_acknowledged(bool hangs)
    {
        var address = $"Contact Points={server.ContactPoint};Port={server.Port};Default Keyspace={server.SharedKeyspace}";
        Assert.SkipWhen(server.Own is null, "No Cassandra to kill: set CHAT_TEST_CASSANDRA_RUN to a command that starts one.");

        // Twice the request's timeout, once for the statement and once for the request, and what a busy machine takes.
        await LostServer.RunAsync(server.Own, hangs, "cassandra", TimeSpan.FromSeconds(15), new()
        {
            ["ConnectionStrings:cassandra"] = address,
            ["Cassandra:RequestTimeout"] = "00:00:03",
        });
    }
}
