namespace Chat.AppHost.Containers;

/// <summary>Publishes no compose file: Aspire.Hosting.Docker, which writes it, is not in this build.</summary>
internal static class ComposePublishing
{
    public static void AddComposePublishing(this IDistributedApplicationBuilder builder) => _ = builder;

    public static IResourceBuilder<T> PublishWithProbe<T>(this IResourceBuilder<T> builder, ComposeProbe probe)
        where T : IComputeResource => builder;

    public static IResourceBuilder<ProjectResource> PublishWithImage(
        this IResourceBuilder<ProjectResource> builder, string image, int port, int? publicPort = null) => builder;
}
