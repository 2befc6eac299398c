using Chat.Core.Engines;
using global::Cassandra;

namespace Chat.Engines.Cassandra;

/// <summary>What the driver throws where the nodes are away or refuse.</summary>
internal sealed class CassandraErrors : IEngineErrors
{
    public bool IsFailure(Exception exception) => exception is DriverException or TimeoutException;
}
