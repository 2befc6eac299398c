namespace Chat.AppHost.Containers.Cassandra;

/// <summary>
/// A Cassandra node in a container. Its connection string is the driver's own:
/// <c>Contact Points=…;Port=…;Default Keyspace=…</c>.
/// </summary>
public sealed class CassandraResource : ContainerResource, IResourceWithConnectionString
{
    internal const string EndpointName = "cql";
    internal const int CqlPort = 9042;

    internal CassandraResource(string name, string keyspace) : base(name)
    {
        Keyspace = keyspace;
        PrimaryEndpoint = new(this, EndpointName);
    }

    /// <summary>The keyspace that clients start in; they make it themselves.</summary>
    public string Keyspace { get; }

    /// <summary>Where the node speaks CQL.</summary>
    public EndpointReference PrimaryEndpoint { get; }

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create(
        $"Contact Points={Host};Port={Port};Default Keyspace={Keyspace}");

    private EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    private EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties()
    {
        yield return new("Host", ReferenceExpression.Create($"{Host}"));
        yield return new("Port", ReferenceExpression.Create($"{Port}"));
        yield return new("Keyspace", ReferenceExpression.Create($"{Keyspace}"));
    }
}
