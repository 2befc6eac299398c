namespace Chat.Tests.Telemetry;

/// <summary>
/// Tests that listen to spans, for which nothing else may run: sources are one for the whole process, and who listens to them decides what
/// others pass on.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SpanListening
{
    public const string Name = "span listening";
}
