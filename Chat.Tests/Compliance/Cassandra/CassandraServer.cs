using System.Net;
using System.Net.Sockets;
using Cassandra;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Host = Microsoft.Extensions.Hosting.Host;

namespace Chat.Tests.Compliance;

/// <summary>
/// The server that the tests of this engine share: the one that <c>ConnectionStrings__cassandra</c> names, or one that
/// <c>CHAT_TEST_CASSANDRA_RUN</c> starts (a command that takes a data folder as its last argument, serves CQL on 127.0.0.1 at
/// <c>$CQL_PORT</c>, and is the server's own process). Each run has keyspaces of its own and drops them.
/// </summary>
public sealed class CassandraServer : IAsyncLifetime
{
    private const string Missing =
        "No Cassandra: set ConnectionStrings__cassandra (Contact Points=host;Port=9042), "
        + "or CHAT_TEST_CASSANDRA_RUN to a command that starts one in the folder it is given";

    private readonly string _run = Guid.NewGuid().ToString("N")[..12];
    private readonly List<string> _keyspaces = [];
    private readonly List<IHost> _hosts = [];
    private IHost? _shared;
    private string? _sharedKeyspace;
    private string? _folder;
    private CassandraConnectionStringBuilder? _address;

    /// <summary>Null where there is no server.</summary>
    private CassandraConnectionStringBuilder Address
    {
        get
        {
            if (_address is null) Assert.Skip(Missing);
            return _address;
        }
    }

    /// <summary>The server that was started here, which a test may kill or suspend and bring back; null where it is another's.</summary>
    public ServerProcess? Own { get; private set; }

    public string ContactPoint => Address.ContactPoints[0];

    public int Port => Address.Port;

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("ConnectionStrings__cassandra") is { Length: > 0 } given)
            _address = new(given);
        else if (Environment.GetEnvironmentVariable("CHAT_TEST_CASSANDRA_RUN") is { Length: > 0 } command)
            _address = await RunAsync(command);
    }

    /// <summary>A keyspace that nobody has used yet.</summary>
    public string NewKeyspace()
    {
        var keyspace = $"chat_test_{_run}_{_keyspaces.Count}";
        _keyspaces.Add(keyspace);
        return keyspace;
    }

    /// <summary>A host as a service's process has it, started; stopped at the end of the run.</summary>
    /// <param name="logs">Gets the warnings and errors.</param>
    /// <param name="firstPoint">A contact point before the server's own.</param>
    public async Task<IHost> StartHostAsync(
        string keyspace,
        TimeProvider? time = null,
        int? port = null,
        ILoggerProvider? logs = null,
        string? firstPoint = null,
        params (string Key, string Value)[] settings)
    {
        var address = new CassandraConnectionStringBuilder(Address.ConnectionString)
        {
            DefaultKeyspace = keyspace,
            Port = port ?? Port,
        };
        if (firstPoint is not null) address.ContactPoints = [firstPoint, .. address.ContactPoints];
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddEnvironmentVariables();
        // A machine that builds and tests at the same time may take its time to make the tables.
        builder.Configuration["Cassandra:RequestTimeout"] = "00:02:00";
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value));
        builder.Configuration["ConnectionStrings:cassandra"] = address.ConnectionString;
        if (time is not null) builder.Services.AddSingleton(time);
        if (logs is not null) builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(logs);
        builder.AddCassandraStore();
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync();
        return host;
    }

    /// <summary>One host and keyspace for all tests that need nothing of their own.</summary>
    public async Task<IHost> SharedHostAsync()
    {
        if (_shared is not null) return _shared;
        var host = await StartHostAsync(SharedKeyspace);
        await host.Services.GetRequiredService<IChangeStore>().GetHeadsAsync([], TestContext.Current.CancellationToken);
        return _shared = host;
    }

    /// <summary>For tests whose conversations are all that they need for themselves: making the tables takes seconds.</summary>
    public string SharedKeyspace => _sharedKeyspace ??= NewKeyspace();

    /// <summary>The driver itself, to look at what the engine made.</summary>
    public async Task<ISession> ConnectAsync(string? keyspace)
    {
        var cluster = Cluster.Builder().AddContactPoint(ContactPoint).WithPort(Port).Build();
        return keyspace is null ? await cluster.ConnectAsync() : await cluster.ConnectAsync(keyspace);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }
        if (_address is not null && Own is null && _keyspaces.Count > 0)
        {
            using var session = await ConnectAsync(null);
            foreach (var keyspace in _keyspaces)
                await session.ExecuteAsync(new SimpleStatement($"DROP KEYSPACE IF EXISTS {keyspace}"));
            await session.Cluster.ShutdownAsync();
        }
        if (Own is not null)
        {
            await Own.DisposeAsync();
            Directory.Delete(_folder!, recursive: true);
        }
    }

    private async Task<CassandraConnectionStringBuilder> RunAsync(string command)
    {
        _folder = Directory.CreateTempSubdirectory("chat-test-cassandra-").FullName;
        var port = FreePort();
        Own = new(
            port,
            "/bin/sh",
            ["-c", $"exec {command} \"$0\"", _folder],
            new Dictionary<string, string> { ["CQL_PORT"] = $"{port}", ["GOSSIP_PORT"] = $"{FreePort()}" });
        await Own.StartAsync();
        return new() { ContactPoints = ["127.0.0.1"], Port = port };
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

[CollectionDefinition(Name)]
public sealed class CassandraCollection : ICollectionFixture<CassandraServer>
{
    public const string Name = "Cassandra";
}
