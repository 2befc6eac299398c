using Chat.AppHost.Containers.Cassandra;

namespace Chat.AppHost.Containers;

/// <summary>The passwords of the servers that have none by themselves.</summary>
internal sealed record ServerPasswords(IResourceBuilder<ParameterResource> Kafka, IResourceBuilder<ParameterResource> Cassandra);

/// <summary>
/// Names and passwords for Kafka and Cassandra in what is published; Redis has its password by itself. In a local run, all of which listens
/// on loopback, they have none, so that any tool reads along.
/// </summary>
internal static class ServerLogins
{
    private const string KafkaUser = "chat";

    // What a new node has; its own role is the one that no setting has to make.
    private const string CassandraUser = "cassandra";

    // Kafka's own tools, inside its container, need no password: this one listens on the container's loopback alone.
    private const string Inside = "PLAINTEXT://localhost:9092";

    private const string PasswordSet = "/tmp/password-set";

    // The well-known password of a new node is replaced at its first start. Where .env has another one than the node, the container stays
    // unhealthy.
    private const string StartCassandra =
        $"rm -f {PasswordSet}; "
        + "sed -i s/AllowAllAuthenticator/PasswordAuthenticator/ /etc/cassandra/cassandra.yaml; "
        + $"(until cqlsh -u {CassandraUser} -p \"$CASSANDRA_PASSWORD\" -e exit "
        + $"|| cqlsh -u {CassandraUser} -p cassandra -e \"ALTER ROLE {CassandraUser} WITH PASSWORD = '$CASSANDRA_PASSWORD'\"; "
        + $"do sleep 2; done; touch {PasswordSet}) >/dev/null 2>&1 & "
        + "exec docker-entrypoint.sh cassandra -f";

    /// <summary>Made for what is published; null in a local run.</summary>
    public static ServerPasswords? AddServerPasswords(
        this IDistributedApplicationBuilder builder, Func<string, IResourceBuilder<ParameterResource>> addKey) =>
        builder.ExecutionContext.IsPublishMode ? new(addKey("kafka-password"), addKey("cassandra-password")) : null;

    public static IResourceBuilder<KafkaServerResource> WithLogin(
        this IResourceBuilder<KafkaServerResource> kafka, ServerPasswords? passwords)
    {
        if (passwords is null) return kafka;
        return kafka.WithEnvironment(context =>
        {
            var environment = context.EnvironmentVariables;
            var services = kafka.Resource.InternalEndpoint;
            var port = services.Property(EndpointProperty.TargetPort);
            environment["KAFKA_LISTENERS"] = ReferenceExpression.Create(
                $"{Inside},CONTROLLER://localhost:29093,SERVICES://0.0.0.0:{port}");
            environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SERVICES:SASL_PLAINTEXT";
            environment["KAFKA_ADVERTISED_LISTENERS"] = ReferenceExpression.Create(
                $"{Inside},SERVICES://{services.Property(EndpointProperty.HostAndPort)}");
            environment["KAFKA_SASL_ENABLED_MECHANISMS"] = "PLAIN";
            environment["KAFKA_LISTENER_NAME_SERVICES_PLAIN_SASL_JAAS_CONFIG"] = ReferenceExpression.Create(
                $"org.apache.kafka.common.security.plain.PlainLoginModule required user_{KafkaUser}=\"{passwords.Kafka.Resource}\";");
        });
    }

    public static IResourceBuilder<CassandraResource> WithLogin(
        this IResourceBuilder<CassandraResource> cassandra, ServerPasswords? passwords)
    {
        if (passwords is null) return cassandra;
        return cassandra
            .WithEntrypoint("/bin/bash")
            .WithArgs("-c", StartCassandra)
            .WithEnvironment("CASSANDRA_PASSWORD", passwords.Cassandra)
            .PublishWithProbe(ComposeProbe.Cassandra.And($"test -f {PasswordSet}"));
    }

    /// <summary>Lets a service log in at both.</summary>
    public static IResourceBuilder<ProjectResource> WithLogins(this IResourceBuilder<ProjectResource> service, Servers servers)
    {
        if (servers.Passwords is not { } passwords) return service;
        return service
            // Instead of the port that is for Kafka's own tools.
            .WithEnvironment(
                "ConnectionStrings__kafka",
                ReferenceExpression.Create($"{servers.Kafka.Resource.InternalEndpoint.Property(EndpointProperty.HostAndPort)}"))
            .WithEnvironment("Kafka__Sasl__Mechanism", "PLAIN")
            .WithEnvironment("Kafka__Sasl__Username", KafkaUser)
            .WithEnvironment("Kafka__Sasl__Password", passwords.Kafka)
            .WithEnvironment("Cassandra__Username", CassandraUser)
            .WithEnvironment("Cassandra__Password", passwords.Cassandra);
    }
}
