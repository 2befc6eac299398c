namespace Chat.Connectors.Outbound;

/// <summary>Runs the channels that this instance connects.</summary>
internal sealed class ConnectorService(IReadOnlyList<OutboundConnector> connectors, AccountUpkeep upkeep) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        connectors.Select(c => c.RunAsync(stoppingToken)).Append(upkeep.RunAsync(stoppingToken)));
}

/// <summary>What is done for accounts beside the sending.</summary>
internal sealed record AccountUpkeep(HeldReleaser Releaser, OpenTrySweeper Sweeper)
{
    public Task RunAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Releaser.RunAsync(stoppingToken), Sweeper.RunAsync(stoppingToken));
}
