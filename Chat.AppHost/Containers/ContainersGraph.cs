using Chat.AppHost.Containers.Cassandra;
using Chat.Core.Channels;

namespace Chat.AppHost.Containers;

/// <summary>Kafka, Redis and Cassandra in containers, each service a process of its own; also what is published.</summary>
internal static class ContainersGraph
{
    public static void AddContainersGraph(this IDistributedApplicationBuilder builder)
    {
        if (!Feed.IsFull && builder.ExecutionContext.IsRunMode) builder.RefuseToStart();
        builder.AddComposePublishing();

        // Made at the first run and kept in this user's secrets, so that nothing needs to be set up.
        var jwtKey = builder.AddKey("jwt-key");
        var callbacksKeys = ChannelCatalog.Names.ToDictionary(c => c, channel => builder.AddKey($"callbacks-key-{channel}"));

        // Two graphs on one machine, as in tests, must not share their data.
        var volumes = builder.Configuration["Volumes:Prefix"] ?? "chat";
        var passwords = builder.AddServerPasswords(builder.AddKey);
        var servers = new Servers(
            builder.AddKafkaServer("kafka", $"{volumes}-kafka").WithLogin(passwords).PublishWithProbe(ComposeProbe.Kafka),
            builder.AddRedis("redis")
                // Whatever development certificates there are, redis-cli and the services connect the same way.
                .WithPlainConnections()
                .WithRedisInsight(ui => ui.WithExplicitStart())
                .PublishWithProbe(ComposeProbe.Redis),
            builder.AddCassandra("cassandra", keyspace: "chat")
                .WithDataVolume($"{volumes}-cassandra")
                .WithLogin(passwords),
            passwords);

        var api = builder.AddChatService<Projects.Chat_Api>("chat-api", servers, "chat-api", ChatServices.ApiPort, replicas: 2)
            .WithExternalHttpEndpoints()
            .WithGeneration0(Generation0.OfApi)
            .WithDemoPage()
            .WithEnvironment("Jwt__Key", jwtKey);
        foreach (var (channel, key) in callbacksKeys) api.WithEnvironment($"Callbacks__Keys__{channel}", key);
        builder.AddChatService<Projects.Chat_RouterWorker>("router-worker", servers, "chat-router-worker", replicas: 2)
            .WithGeneration0(Generation0.OfWorkers);
        builder.AddChatService<Projects.Chat_StatusWorker>("status-worker", servers, "chat-status-worker", replicas: 2)
            .WithGeneration0(Generation0.OfWorkers);
        foreach (var channel in ChannelCatalog.Names)
        {
            builder.AddChatService<Projects.Chat_Connectors>($"connector-{channel}", servers, "chat-connectors")
                .WithGeneration0(Generation0.OfWorkers)
                .WithEnvironment("Connectors__Run__0", channel)
                // Used where Connectors__CallbackUrl is set; without it each status comes once, over the log.
                .WithEnvironment($"Callbacks__Keys__{channel}", callbacksKeys[channel]);
        }
        builder.AddMonitoring();
    }

    // Known already here; but the model can be built and looked at all the same.
    private static void RefuseToStart(this IDistributedApplicationBuilder builder) =>
        builder.Eventing.Subscribe<BeforeStartEvent>((_, _) => throw new DistributedApplicationException(
            "The services can't run on containers in this build: without the full package feed (FullFeed=false) they have no Cassandra "
            + "driver. Run with --Engines=embedded, or build without FullFeed=false."));

    private static IResourceBuilder<ParameterResource> AddKey(
        this IDistributedApplicationBuilder builder, [ResourceName] string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true, persist: true);
}
