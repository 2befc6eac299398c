using System.Net;
using Cassandra;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// Has nodes asked again that the driver takes for down although it is connected to them, which it would do until the process ends.
/// It comes to that where a pool's last connection closes, for too many requests without an answer or by the server, while a
/// request opens the next one itself (driver 3.22, <c>HostConnectionPool.EnsureCreate</c>): that marks the node up no more, and the
/// reconnection, which would, finds the pool full and does nothing.
/// </summary>
internal sealed partial class ForgottenNodes(ISession session, TimeProvider time, ILogger<ForgottenNodes> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) Find();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private void Find()
    {
        foreach (var node in session.Cluster.AllHosts())
        {
            // A node without a connection is down; the driver reconnects to it by itself.
            if (!node.IsUp && session.GetState().GetOpenConnections(node) > 0 && node.BringUpIfDown()) LogFound(node.Address);
        }
    }

    [LoggerMessage(
        EventId = LogEvents.NodeFound,
        Level = LogLevel.Information,
        Message = "Cassandra node {Node} is asked again: the driver took it for down although it is connected to it")]
    private partial void LogFound(IPEndPoint node);
}
