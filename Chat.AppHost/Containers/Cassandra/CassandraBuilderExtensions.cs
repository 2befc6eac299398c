using Chat.AppHost.Containers.Health;

namespace Chat.AppHost.Containers.Cassandra;

/// <summary>Cassandra in the model: neither Aspire nor its Community Toolkit has it.</summary>
public static class CassandraBuilderExtensions
{
    private const string DataFolder = "/var/lib/cassandra";

    /// <summary>Adds one node, healthy once it answers CQL.</summary>
    /// <param name="name">The resource's name, and the connection string's.</param>
    /// <param name="keyspace">The keyspace that the connection string names.</param>
    public static IResourceBuilder<CassandraResource> AddCassandra(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string keyspace)
    {
        var resource = new CassandraResource(name, keyspace);
        return builder.AddResource(resource)
            .WithImage("library/cassandra", "5.0")
            .WithImageRegistry("docker.io")
            .WithIconName("Database")
            .WithEndpoint(targetPort: CassandraResource.CqlPort, name: CassandraResource.EndpointName)
            // Left to itself, the node takes a quarter of the machine's memory.
            .WithEnvironment("MAX_HEAP_SIZE", "768M")
            .WithProbe(resource.PrimaryEndpoint, new CassandraProbe());
    }

    /// <summary>Keeps the node's data in a named volume.</summary>
    public static IResourceBuilder<CassandraResource> WithDataVolume(this IResourceBuilder<CassandraResource> builder, string name) =>
        builder.WithVolume(name, DataFolder);
}
