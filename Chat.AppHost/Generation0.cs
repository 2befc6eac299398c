namespace Chat.AppHost;

/// <summary>
/// The garbage collector's budget for new objects, of the services that take batches from the log. .NET derives it from the processor's
/// caches, and has 256 KB where a virtual machine tells of none. Only a variable of the environment sets it; images have it by
/// Directory.Build.targets; docs/performance.md has the figures. The API keeps the default: its idle sockets would take more memory.
/// </summary>
internal static class Generation0
{
    public const string Variable = "DOTNET_GCgen0size";

    /// <summary>In bytes, hexadecimal.</summary>
    public const string Size = "0x1000000";

    public static IResourceBuilder<ProjectResource> WithLargeGeneration0(this IResourceBuilder<ProjectResource> service) =>
        service.ApplicationBuilder.ExecutionContext.IsPublishMode ? service : service.WithEnvironment(Variable, Size);
}
