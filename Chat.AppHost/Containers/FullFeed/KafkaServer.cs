using Chat.AppHost.Containers.Health;

namespace Chat.AppHost.Containers;

/// <summary>Kafka in the model, by Aspire's integration.</summary>
internal static class KafkaServer
{
    /// <summary>Adds one broker, healthy once it takes part in its cluster.</summary>
    /// <param name="volume">The named volume that keeps its log.</param>
    public static IResourceBuilder<KafkaServerResource> AddKafkaServer(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string volume)
    {
        var kafka = builder.AddKafka(name);
        return kafka
            .WithDataVolume(volume)
            .WithKafkaUI(ui => ui.WithExplicitStart())
            // Aspire's own check is a producer in this process, which fills the console until the broker is up.
            .WithProbe(kafka.Resource.PrimaryEndpoint, new KafkaProbe());
    }
}
