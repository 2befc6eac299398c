namespace Chat.Tests.Telemetry;

/// <summary>
/// Tests that listen to spans or scrape the exporter, for which nothing else may run: sources are one for the whole process, and who
/// listens to them decides what others pass on; and the hosts of one process share the exporter's series, which go with any of them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SpanListening
{
    public const string Name = "span listening";
}
