using Chat.AppHost.Containers;
using Microsoft.Extensions.Configuration;

namespace Chat.AppHost.Embedded;

/// <summary>Chat.Standalone alone: every service in one process, with the dashboard's logs, traces and metrics all the same.</summary>
internal static class EmbeddedGraph
{
    /// <summary>The one resource.</summary>
    public const string Chat = "chat";

    /// <summary>Where its data is kept between runs: a path; Chat.Standalone's own default where it isn't set.</summary>
    public const string DataFolderSetting = "Embedded:DataFolder";

    /// <summary>The simulated Meta and the customer's phone, where <see cref="PhoneSetting"/> asks for them.</summary>
    public const string Phone = "phone";

    /// <summary><c>true</c> adds <see cref="Phone"/>, and connects an account of each channel to it.</summary>
    public const string PhoneSetting = "Phone";

    private const int PhonePort = 5080;

    /// <summary>Adds it at port 5000, healthy when its <c>/health</c> says so.</summary>
    public static void AddEmbeddedGraph(this IDistributedApplicationBuilder builder)
    {
        var chat = builder.AddProject<Projects.Chat_Standalone>(Chat)
            .WithHttpEndpoint(port: ChatServices.ApiPort, name: ChatServices.Http)
            .WithPlainConnections()
            .WithHttpHealthCheck("/health", endpointName: ChatServices.Http)
            .WithExternalHttpEndpoints()
            .WithDemoPage()
            .WithGeneration0(Generation0.OfWorkers)
            // Development serves the demo page and makes tokens for it.
            .WithEnvironment("ASPNETCORE_ENVIRONMENT", "Development");
        if (builder.Configuration[DataFolderSetting] is { Length: > 0 } folder)
        {
            // As the person who typed it sees it: the resource's own working directory is another one.
            chat.WithEnvironment(DataFolderSetting.Replace(":", "__", StringComparison.Ordinal), Path.GetFullPath(folder));
        }
        if (builder.Configuration.GetValue<bool>(PhoneSetting)) chat.WithPhone(builder.AddPhone());
    }

    private static IResourceBuilder<ProjectResource> AddPhone(this IDistributedApplicationBuilder builder) => builder
        .AddProject<Projects.Chat_MetaSimulator>(Phone)
        .WithHttpEndpoint(port: PhonePort, name: ChatServices.Http)
        .WithPlainConnections()
        .WithHttpHealthCheck("/simulator", endpointName: ChatServices.Http)
        .WithExternalHttpEndpoints()
        .WithUrlForEndpoint(ChatServices.Http, url => (url.Url, url.DisplayText) = ("/phone", "Customer's phone"));

    private static void WithPhone(this IResourceBuilder<ProjectResource> chat, IResourceBuilder<ProjectResource> phone) => chat
        .WithEnvironment("Phone__Url", phone.GetEndpoint(ChatServices.Http))
        .WithUrlForEndpoint(ChatServices.Http, _ => new ResourceUrlAnnotation { Url = "/desk", DisplayText = "Desk" })
        .WaitFor(phone);
}
