namespace Chat.AppHost;

/// <summary>
/// The garbage collector's budget for new objects, in bytes, hexadecimal. .NET derives it from the processor's caches: 256 KB where a
/// virtual machine tells of none, hundreds of megabytes where the machine is large. Only a variable of the environment sets it; images have
/// it by Directory.Build.targets; docs/performance.md has the figures.
/// </summary>
internal static class Generation0
{
    public const string Variable = "DOTNET_GCgen0size";

    /// <summary>For services that take batches from the log: more is collected less often.</summary>
    public const string OfWorkers = "0x1000000";

    /// <summary>For the API, whose idle sockets would keep what connecting left behind.</summary>
    public const string OfApi = "0x400000";

    public static IResourceBuilder<ProjectResource> WithGeneration0(this IResourceBuilder<ProjectResource> service, string size) =>
        service.ApplicationBuilder.ExecutionContext.IsPublishMode ? service : service.WithEnvironment(Variable, size);
}
