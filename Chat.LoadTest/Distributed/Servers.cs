using System.Net.Sockets;

namespace Chat.LoadTest.Distributed;

/// <summary>Kafka, Cassandra and Redis as processes of this run.</summary>
internal sealed class Servers(ServerOptions options, string folder) : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    public ChildProcess Kafka { get; } = new("kafka", options.KafkaRun, null, folder);

    public ChildProcess Cassandra { get; } = new("cassandra", options.CassandraRun, null, folder);

    public ChildProcess Redis { get; } = new("redis", options.RedisRun, null, folder);

    /// <summary>Starts all three and waits until each accepts connections.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var address in (string[])[options.Kafka, options.Cassandra, options.Redis])
        {
            if (await AcceptsAsync(address, cancellationToken))
                throw new InvalidOperationException($"Something listens on {address} already.");
        }
        foreach (var server in (ChildProcess[])[Kafka, Cassandra, Redis]) server.Start();
        await WaitAsync(Kafka, options.Kafka, cancellationToken);
        await WaitAsync(Cassandra, options.Cassandra, cancellationToken);
        await WaitAsync(Redis, options.Redis, cancellationToken);
    }

    public void Dispose()
    {
        Redis.Dispose();
        Kafka.Dispose();
        Cassandra.Dispose();
    }

    private static Task WaitAsync(ChildProcess server, string address, CancellationToken cancellationToken) => Until.TrueAsync(
        async () => server.HasExited
            ? throw new InvalidOperationException($"{server.Name} ended at its start; see {server.LogFile}.")
            : await AcceptsAsync(address, cancellationToken),
        $"{server.Name} accepts connections on {address}",
        StartTimeout,
        cancellationToken);

    internal static async Task<bool> AcceptsAsync(string address, CancellationToken cancellationToken)
    {
        var colon = address.LastIndexOf(':');
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address[..colon], int.Parse(address[(colon + 1)..]), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
