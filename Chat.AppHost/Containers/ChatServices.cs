namespace Chat.AppHost.Containers;

/// <summary>The three servers that every service of Chat works on.</summary>
internal sealed record Servers(
    IResourceBuilder<KafkaServerResource> Kafka,
    IResourceBuilder<IResourceWithConnectionString> Redis,
    IResourceBuilder<IResourceWithConnectionString> Cassandra,
    ServerPasswords? Passwords);

/// <summary>How a service of Chat is added.</summary>
internal static class ChatServices
{
    /// <summary>The endpoint that serves everything a service has: its API, <c>/health</c>, <c>/alive</c> and <c>/metrics</c>.</summary>
    public const string Http = "http";

    /// <summary>Where the API is on this machine.</summary>
    public const int ApiPort = 5000;

    // What .NET's container images listen on: their user may not take a port below 1024.
    private const int ContainerPort = 8080;

    /// <summary>Adds a service that starts once all servers are healthy, and is healthy when its <c>/health</c> says so.</summary>
    /// <param name="image">The container image that is published.</param>
    /// <param name="port">The fixed port on this machine; any free one, and none that is published, where it is null.</param>
    /// <param name="replicas">Processes in a local run. What is published says one: it is scaled where it is deployed.</param>
    public static IResourceBuilder<ProjectResource> AddChatService<TProject>(
        this IDistributedApplicationBuilder builder,
        [ResourceName] string name,
        Servers servers,
        string image,
        int? port = null,
        int replicas = 1)
        where TProject : IProjectMetadata, new()
    {
        var publishing = builder.ExecutionContext.IsPublishMode;
        var service = builder.AddProject<TProject>(name)
            // Locally each replica gets a port of its own behind the shared one; a cloud's ingress has ports of its own.
            .WithHttpEndpoint(port: publishing ? null : port, targetPort: publishing ? ContainerPort : null, name: Http)
            // Whose X-Forwarded-For is believed, the services' own Proxies:Known decides.
            .DisableForwardedHeaders()
            .WithPlainConnections()
            .WithHttpHealthCheck("/health", endpointName: Http)
            // The services read connection strings alone: no need to spread a password over more variables.
            .WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.ConnectionString)
            .WithReference(servers.Kafka).WaitFor(servers.Kafka)
            .WithReference(servers.Redis).WaitFor(servers.Redis)
            .WithReference(servers.Cassandra).WaitFor(servers.Cassandra)
            .WithLogins(servers)
            .PublishWithImage(image, ContainerPort, port);
        if (publishing) return service;
        return service
            .WithReplicas(replicas)
            // Development serves the demo page and makes tokens for it.
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Development");
    }

    /// <summary>Links to the demo page from the dashboard; it signs itself in.</summary>
    public static IResourceBuilder<ProjectResource> WithDemoPage(this IResourceBuilder<ProjectResource> service) => service
        .WithUrlForEndpoint(Http, url => url.DisplayText = "API")
        .WithUrlForEndpoint(Http, _ => new ResourceUrlAnnotation { Url = "/demo.html", DisplayText = "Demo page" });
}
