namespace Chat.Connectors.Outbound;

/// <summary>Runs the channels that this instance connects.</summary>
public sealed class ConnectorService(IEnumerable<OutboundConnector> connectors) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(connectors.Select(c => c.RunAsync(stoppingToken)));
}
