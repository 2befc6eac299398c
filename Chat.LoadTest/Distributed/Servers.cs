using System.Net.Sockets;
using Confluent.Kafka;

namespace Chat.LoadTest.Distributed;

/// <summary>Kafka, Cassandra and Redis as processes of this run; one for each node.</summary>
internal sealed class Servers(ServerOptions options, string folder) : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    public IReadOnlyList<ChildProcess> Kafka { get; } = Nodes("kafka", options.KafkaRun, options.KafkaNodes.Count, folder);

    public IReadOnlyList<ChildProcess> Cassandra { get; } =
        Nodes("cassandra", options.CassandraRun, options.CassandraNodes.Count, folder);

    public ChildProcess Redis { get; } = new("redis", options.RedisRun, null, folder);

    public IEnumerable<ChildProcess> All => [.. Kafka, .. Cassandra, Redis];

    /// <summary>Starts all and waits until each accepts connections; Cassandra's nodes one after the other, as they ask for.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await EnsureFreeAsync([.. options.KafkaNodes, .. options.CassandraNodes, options.Redis], cancellationToken);
        Redis.Start();
        foreach (var node in Kafka) node.Start();
        foreach (var node in Cassandra)
        {
            node.Start();
            await WaitAsync(node, cancellationToken);
        }
        foreach (var node in Kafka) await WaitAsync(node, cancellationToken);
        await WaitAsync(Redis, cancellationToken);
    }

    /// <summary>Waits until a server that was started accepts connections.</summary>
    public Task WaitAsync(ChildProcess server, CancellationToken cancellationToken) =>
        WaitAsync(server, AddressOf(server), StartTimeout, cancellationToken);

    /// <summary>Waits until a server that was started accepts connections on an address that was free before.</summary>
    public static Task WaitAsync(ChildProcess server, string address, TimeSpan timeout, CancellationToken cancellationToken) =>
        Until.TrueAsync(
            async () => server.HasExited
                ? throw new InvalidOperationException($"{server.Name} ended at its start: {server.LastLine()}")
                : await AcceptsAsync(address, cancellationToken),
            $"{server.Name} accepts connections on {address}",
            timeout,
            cancellationToken);

    /// <summary>Another server in the place of the one that is started would be measured, and not be the one that is killed.</summary>
    /// <exception cref="InvalidOperationException">Something listens there.</exception>
    public static async Task EnsureFreeAsync(IEnumerable<string> addresses, CancellationToken cancellationToken)
    {
        foreach (var address in addresses)
        {
            if (await AcceptsAsync(address, cancellationToken))
                throw new InvalidOperationException($"Something listens on {address} already.");
        }
    }

    /// <summary>Waits until Kafka has every copy of every partition in sync again.</summary>
    public async Task WaitForCopiesAsync(CancellationToken cancellationToken)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.Kafka }).Build();
        await Until.TrueAsync(
            () => Task.Run(() => admin.GetMetadata(RequestTimeout).Topics.All(
                t => t.Partitions.All(p => p.InSyncReplicas.Length == p.Replicas.Length))),
            "Kafka's partitions are in sync on every node",
            StartTimeout,
            cancellationToken);
    }

    public void Dispose()
    {
        foreach (var server in All) server.Dispose();
    }

    private static async Task<bool> AcceptsAsync(string address, CancellationToken cancellationToken)
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

    private static ChildProcess[] Nodes(string name, string run, int count, string folder) =>
    [
        .. Enumerable.Range(1, count).Select(node => new ChildProcess(
            count == 1 ? name : $"{name}-{node}",
            run,
            new Dictionary<string, string> { ["NODE"] = $"{node}", ["NODES"] = $"{count}" },
            folder)),
    ];

    private string AddressOf(ChildProcess server)
    {
        for (var i = 0; i < Kafka.Count; i++) if (Kafka[i] == server) return options.KafkaNodes[i];
        for (var i = 0; i < Cassandra.Count; i++) if (Cassandra[i] == server) return options.CassandraNodes[i];
        return options.Redis;
    }
}
