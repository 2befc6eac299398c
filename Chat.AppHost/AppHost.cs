using Chat.AppHost.Cassandra;
using Chat.AppHost.Publishing;
using Chat.AppHost.Services;
using Chat.Core.Channels;

var builder = DistributedApplication.CreateBuilder(args);
builder.AddComposePublishing();

// Two graphs on one machine, as in tests, must not share their data.
var volumes = builder.Configuration["Volumes:Prefix"] ?? "chat";

// Made at the first run and kept in this user's secrets, so that nothing needs to be set up.
var jwtKey = builder.AddParameter("jwt-key", new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true, persist: true);
var callbacksKey = builder.AddParameter(
    "callbacks-key", new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true, persist: true);

var kafka = builder.AddKafka("kafka")
    .WithDataVolume($"{volumes}-kafka")
    .WithKafkaUI(ui => ui.WithExplicitStart())
    .PublishWithProbe(ComposeProbe.Kafka);
var redis = builder.AddRedis("redis")
    // Whatever development certificates there are, redis-cli and the services connect the same way.
    .WithPlainConnections()
    .WithRedisInsight(ui => ui.WithExplicitStart())
    .PublishWithProbe(ComposeProbe.Redis);
var cassandra = builder.AddCassandra("cassandra", keyspace: "chat")
    .WithDataVolume($"{volumes}-cassandra")
    .PublishWithProbe(ComposeProbe.Cassandra);
var engines = new Engines(kafka, redis, cassandra);

var api = builder.AddChatService<Projects.Chat_Api>("chat-api", engines, "chat-api", port: 5000, replicas: 2)
    .WithExternalHttpEndpoints()
    .WithEnvironment("Jwt__Key", jwtKey)
    .WithEnvironment("Callbacks__Key", callbacksKey)
    .WithUrlForEndpoint(ChatServices.Http, url => url.DisplayText = "API")
    .WithUrlForEndpoint(ChatServices.Http, _ => new ResourceUrlAnnotation { Url = "/demo.html", DisplayText = "Demo page" });
builder.AddChatService<Projects.Chat_RouterWorker>("router-worker", engines, "chat-router-worker", replicas: 2);
builder.AddChatService<Projects.Chat_StatusWorker>("status-worker", engines, "chat-status-worker", replicas: 2);
foreach (var channel in ChannelCatalog.Names)
{
    builder.AddChatService<Projects.Chat_Connectors>($"connector-{channel}", engines, "chat-connectors")
        .WithEnvironment("Connectors__Run__0", channel)
        .WithEnvironment("Connectors__CallbackUrl", ReferenceExpression.Create($"{api.GetEndpoint(ChatServices.Http)}/v1/callbacks/status"))
        .WithEnvironment("Connectors__CallbackKey", callbacksKey);
}

builder.Build().Run();
