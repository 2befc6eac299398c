namespace Chat.AppHost.Containers;

/// <summary>A Kafka broker in a container. Its connection string is its bootstrap server, <c>host:port</c>.</summary>
internal sealed class KafkaServerResource : ContainerResource, IResourceWithConnectionString
{
    internal const string ClientEndpoint = "tcp";
    internal const int ClientPort = 9092;
    internal const string ContainerEndpoint = "internal";
    internal const int ContainerPort = 9093;

    internal KafkaServerResource(string name) : base(name)
    {
        PrimaryEndpoint = new(this, ClientEndpoint);
        InternalEndpoint = new(this, ContainerEndpoint);
    }

    /// <summary>For processes on this machine.</summary>
    public EndpointReference PrimaryEndpoint { get; }

    /// <summary>For other containers.</summary>
    public EndpointReference InternalEndpoint { get; }

    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{PrimaryEndpoint.Property(EndpointProperty.HostAndPort)}");
}
