namespace Chat.Api.Hub.Sockets;

/// <summary>Looks every second after all sockets, their silence and their tokens: one timer for all of them.</summary>
internal sealed class KeepAlive(ConnectionRegistry connections, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Pause, time, stoppingToken);
            connections.LookAfter();
        }
    }
}
