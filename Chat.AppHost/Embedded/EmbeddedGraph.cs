using Chat.AppHost.Containers;

namespace Chat.AppHost.Embedded;

/// <summary>Chat.Standalone alone: every service in one process, with the dashboard's logs, traces and metrics all the same.</summary>
internal static class EmbeddedGraph
{
    /// <summary>The one resource.</summary>
    public const string Chat = "chat";

    /// <summary>Where its data is kept between runs: a path; Chat.Standalone's own default where it isn't set.</summary>
    public const string DataFolderSetting = "Embedded:DataFolder";

    /// <summary>Adds it at port 5000, healthy when its <c>/health</c> says so.</summary>
    public static void AddEmbeddedGraph(this IDistributedApplicationBuilder builder)
    {
        var chat = builder.AddProject<Projects.Chat_Standalone>(Chat)
            .WithHttpEndpoint(port: ChatServices.ApiPort, name: ChatServices.Http)
            .WithPlainConnections()
            .WithHttpHealthCheck("/health", endpointName: ChatServices.Http)
            .WithExternalHttpEndpoints()
            .WithDemoPage()
            // Development serves the demo page and makes tokens for it.
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Development");
        if (builder.Configuration[DataFolderSetting] is { Length: > 0 } folder)
        {
            // As the person who typed it sees it: the resource's own working directory is another one.
            chat.WithEnvironment(DataFolderSetting.Replace(":", "__", StringComparison.Ordinal), Path.GetFullPath(folder));
        }
    }
}
