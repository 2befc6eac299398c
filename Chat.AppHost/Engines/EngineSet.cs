namespace Chat.AppHost.Engines;

/// <summary>The two ways to run everything.</summary>
internal enum EngineSet
{
    /// <summary>Kafka, Redis and Cassandra in containers, each service a process of its own, with replicas.</summary>
    Containers,

    /// <summary>Chat.Standalone: every service in one process on the embedded engines, and no container.</summary>
    Embedded,
}
