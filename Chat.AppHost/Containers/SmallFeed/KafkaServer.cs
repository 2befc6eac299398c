using Chat.AppHost.Containers.Health;

namespace Chat.AppHost.Containers;

/// <summary>Kafka in the model where Aspire.Hosting.Kafka is missing: the same image, settings and connection string.</summary>
internal static class KafkaServer
{
    private const string DataFolder = "/var/lib/kafka/data";

    /// <summary>Adds one broker, healthy once it takes part in its cluster.</summary>
    /// <param name="volume">The named volume that keeps its log.</param>
    public static IResourceBuilder<KafkaServerResource> AddKafkaServer(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string volume)
    {
        var kafka = new KafkaServerResource(name);
        return builder.AddResource(kafka)
            .WithImage("confluentinc/confluent-local", "8.2.0")
            .WithImageRegistry("docker.io")
            .WithEndpoint(targetPort: KafkaServerResource.ClientPort, name: KafkaServerResource.ClientEndpoint)
            .WithEndpoint(targetPort: KafkaServerResource.ContainerPort, name: KafkaServerResource.ContainerEndpoint)
            .WithEnvironment(context => SetListeners(context, kafka))
            .WithEnvironment("KAFKA_LOG_DIRS", DataFolder)
            .WithVolume(volume, DataFolder)
            .WithProbe(kafka.PrimaryEndpoint, new KafkaProbe());
    }

    // Three ways in: from inside its container, from this machine, and from the other containers.
    private static void SetListeners(EnvironmentCallbackContext context, KafkaServerResource kafka)
    {
        const string map = "PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT";
        var (client, container) = (kafka.PrimaryEndpoint, kafka.InternalEndpoint);
        var environment = context.EnvironmentVariables;
        environment["KAFKA_LISTENERS"] =
            "PLAINTEXT://localhost:29092,CONTROLLER://localhost:29093,"
            + $"PLAINTEXT_HOST://0.0.0.0:{KafkaServerResource.ClientPort},PLAINTEXT_INTERNAL://0.0.0.0:{KafkaServerResource.ContainerPort}";
        environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] = $"CONTROLLER:PLAINTEXT,{map}";
        var (host, outside) = (client.Property(EndpointProperty.Host), client.Property(EndpointProperty.HostAndPort));
        var inside = container.Property(EndpointProperty.HostAndPort);
        environment["KAFKA_ADVERTISED_LISTENERS"] = ReferenceExpression.Create(
            $"PLAINTEXT://{host}:29092,PLAINTEXT_HOST://{outside},PLAINTEXT_INTERNAL://{inside}");
    }
}
