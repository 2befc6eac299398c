using System.Net;
using System.Net.Sockets;
using Cassandra;
using Chat.Core.Retention;
using Chat.Core.Time;
using Chat.Engines.Cassandra.Schema;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// The connection to the server, made in the background and tried without end: a process that starts before its store comes up
/// with it. Once it is made, the driver keeps it up and reconnects by itself, but for <see cref="ForgottenNodes"/>.
/// </summary>
internal sealed partial class CassandraConnection(
    ServerAddress address,
    CassandraSecurity security,
    IOptions<CassandraOptions> options,
    IOptions<RetentionOptions> retention,
    TimeProvider time,
    ILoggerFactory loggers) : IHostedService, IAsyncDisposable
{
    /// <summary>
    /// So many requests that a connection leaves unanswered, and it is given up for a new one or another node's. A node that works answers
    /// each within its own timeout, if only by an error; one whose packets are dropped answers none, and nothing ends its connections for a
    /// quarter of an hour. The driver's 64 cost as many requests their whole timeout. Below this a few slow answers at the same time would
    /// end a connection that works, and what is under way on it.
    /// </summary>
    internal const int MaxUnanswered = 8;

    /// <summary>
    /// A connection without requests is asked for a sign of life this often. One that does not come ends nothing by itself (driver 3.22),
    /// but counts as unanswered: who needs the connection then waits less often.
    /// </summary>
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Each node has <see cref="CassandraOptions.ConnectTimeout"/>; altogether, and with what the driver asks of them, this is enough.
    /// </summary>
    private static readonly TimeSpan LongestConnect = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly string _name = Guid.NewGuid().ToString("N");
    private readonly Lock _gate = new();
    private readonly ILogger _logger = loggers.CreateLogger<CassandraConnection>();
    private readonly DriverLogging _driverLog = new(loggers);
    private Task<CassandraSession>? _connecting;
    private Exception? _lastFailure;
    private Cluster? _cluster;
    private Task? _watching;
    private int _disposed;

    /// <summary>The session, once the connection is made.</summary>
    /// <exception cref="TimeoutException">
    /// The server was not reached within <see cref="CassandraOptions.RequestTimeout"/>.
    /// </exception>
    public ValueTask<CassandraSession> GetAsync(CancellationToken cancellationToken)
    {
        var connecting = Begin();
        return connecting.IsCompletedSuccessfully ? new(connecting.Result) : new(WaitAsync(connecting, cancellationToken));
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        Begin();
        return Task.CompletedTask;
    }

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        // The container holds it twice, as itself and as a hosted service.
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _stop.CancelAsync();
        if (_connecting is { } connecting) await connecting.ContinueWith(_ => { }, TaskScheduler.Default);
        if (_watching is { } watching) await watching;
        _driverLog.Begin();
        if (_cluster is { } cluster) await ShutdownAsync(cluster);
        _driverLog.Stop();
        _stop.Dispose();
    }

    private Task<CassandraSession> Begin()
    {
        if (Volatile.Read(ref _connecting) is { } begun) return begun;
        lock (_gate)
        {
            if (_connecting is null)
            {
                // Off the caller's thread: the driver resolves names and builds its state before its first await.
                _connecting = Task.Run(() =>
                {
                    _driverLog.Begin();
                    return new RetryForever(time).RunAsync(
                        ct => new ValueTask<CassandraSession>(ConnectAsync(ct)), Failed, _stop.Token);
                });
            }
            return _connecting;
        }
    }

    private async Task<CassandraSession> WaitAsync(Task<CassandraSession> connecting, CancellationToken cancellationToken)
    {
        try
        {
            return await connecting.WaitAsync(options.Value.RequestTimeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Cassandra at {address} was not reached yet", _lastFailure);
        }
    }

    private void Failed(Exception exception, TimeSpan pause)
    {
        _lastFailure = exception;
        LogRetry(address, pause.TotalMilliseconds, security.Explain(exception));
    }

    private async Task<CassandraSession> ConnectAsync(CancellationToken cancellationToken)
    {
        // A cluster object whose first connection failed stays failed, so each try makes a new one.
        var cluster = await BuildAsync(cancellationToken);
        try
        {
            var session = await cluster.ConnectAsync().WaitAsync(LongestConnect, time, cancellationToken);
            // Makes the keyspace where it isn't there, and leaves the session in it.
            var migrator = new SchemaMigrator(
                cluster, session, address.Keyspace, _name, options.Value, retention.Value, time, loggers.CreateLogger<SchemaMigrator>());
            await migrator.MigrateAsync(cancellationToken);
            _cluster = cluster;
            _watching = new ForgottenNodes(session, time, loggers.CreateLogger<ForgottenNodes>()).WatchAsync(_stop.Token);
            var nodes = cluster.Metadata.AllHosts().Count;
            LogConnected(address, nodes);
            return new(session, _driverLog, options.Value, time);
        }
        catch
        {
            await ShutdownAsync(cluster);
            throw;
        }
    }

    /// <summary>Ends the driver's connections, and leaves the rest to it where nodes hang.</summary>
    private static async Task ShutdownAsync(Cluster cluster)
    {
        try
        {
            await cluster.ShutdownAsync().WaitAsync(ShutdownTimeout);
        }
        catch (TimeoutException)
        {
        }
    }

    /// <summary>
    /// The contact points' names by their addresses. One that has none is left out, as the driver does, while another one has.
    /// </summary>
    private async Task<Dictionary<IPAddress, string>> ResolveAsync(CancellationToken cancellationToken)
    {
        var names = new Dictionary<IPAddress, string>();
        var failed = new List<(string Point, SocketException Reason)>();
        foreach (var point in address.ContactPoints)
        {
            try
            {
                foreach (var found in await Dns.GetHostAddressesAsync(point, cancellationToken)) names.TryAdd(found, point);
            }
            catch (SocketException exception)
            {
                failed.Add((point, exception));
            }
        }
        if (names.Count == 0 && failed.Count > 0) throw failed[0].Reason;
        foreach (var (point, reason) in failed) LogUnresolved(point, reason.Message);
        return names;
    }

    internal async Task<Cluster> BuildAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        var names = await ResolveAsync(cancellationToken);
        var builder = Cluster.Builder()
            .AddContactPoints(address.ContactPoints)
            .WithPort(address.Port)
            .WithApplicationName("chat")
            .WithLoadBalancingPolicy(new LocalDatacenterPolicy(settings.LocalDatacenter, names.Keys))
            .WithSpeculativeExecutionPolicy(NoSpeculativeExecutionPolicy.Instance)
            .WithReconnectionPolicy(new ExponentialReconnectionPolicy(250, 5_000))
            .WithSocketOptions(new SocketOptions()
                .SetConnectTimeoutMillis((int)settings.ConnectTimeout.TotalMilliseconds)
                .SetReadTimeoutMillis((int)settings.RequestTimeout.TotalMilliseconds)
                .SetDefunctReadTimeoutThreshold(MaxUnanswered))
            .WithPoolingOptions(PoolingOptions.Create().SetHeartBeatInterval((int)HeartbeatInterval.TotalMilliseconds))
            // Of two that each write first and then read what the other writes, one sees it: a write and a read have a replica in common.
            .WithQueryOptions(new QueryOptions()
                .SetConsistencyLevel(ConsistencyLevel.LocalQuorum)
                .SetSerialConsistencyLevel(ConsistencyLevel.LocalSerial));
        security.Apply(builder, names);
        return builder.Build();
    }

    [LoggerMessage(
        EventId = LogEvents.Connected, Level = LogLevel.Information, Message = "Connected to Cassandra at {Address}, {Nodes} nodes")]
    private partial void LogConnected(ServerAddress address, int nodes);

    [LoggerMessage(
        EventId = LogEvents.NotReady,
        Level = LogLevel.Warning,
        Message = "Cassandra at {Address} is not ready; next try in {Pause} ms: {Reason}")]
    private partial void LogRetry(ServerAddress address, double pause, string reason);

    [LoggerMessage(
        EventId = LogEvents.ContactPointUnresolved,
        Level = LogLevel.Warning,
        Message = "Cassandra's contact point {Point} has no address, and is left out: {Reason}")]
    private partial void LogUnresolved(string point, string reason);
}
