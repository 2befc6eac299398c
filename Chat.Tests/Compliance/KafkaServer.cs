namespace Chat.Tests.Compliance;

/// <summary>
/// Where Kafka is: at <c>ConnectionStrings__kafka</c>; else a broker that is started here by the program
/// <c>KAFKA_RUN</c>, which gets a data folder as its argument and its port as <c>BASE_PORT</c> (the port above is its
/// controller's), and runs until it is killed; else nowhere, and the tests are skipped.
/// </summary>
public sealed class KafkaServer : IAsyncLifetime
{
    public const string RunVariable = "KAFKA_RUN";

    private OwnBroker? _own;

    /// <summary>The bootstrap servers; null where there is no Kafka.</summary>
    public string? Address { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Address = Environment.GetEnvironmentVariable("ConnectionStrings__kafka");
        if (!string.IsNullOrEmpty(Address)) return;
        _own = TryMake();
        if (_own is not null) await _own.Process.StartAsync();
        Address = _own?.Process.Address;
    }

    public async ValueTask DisposeAsync()
    {
        if (_own is not null) await _own.DisposeAsync();
    }

    /// <summary>A broker of the caller's own, not started yet, to be killed at will; null where there is no program for it.</summary>
    /// <param name="extra">
    /// Settings of the broker by its port, a line each, which the program gets as <c>EXTRA</c>. The two ports above it are free for them
    /// too.
    /// </param>
    public static OwnBroker? TryMake(Func<int, string>? extra = null)
    {
        if (Environment.GetEnvironmentVariable(RunVariable) is not { Length: > 0 } program) return null;
        var port = ServerProcess.FreePorts(3);
        var data = Directory.CreateTempSubdirectory("chat-kafka-");
        var environment = new Dictionary<string, string> { ["BASE_PORT"] = $"{port}" };
        if (extra is not null) environment["EXTRA"] = extra(port);
        return new(new ServerProcess(port, program, [data.FullName], environment), data);
    }

    public sealed record OwnBroker(ServerProcess Process, DirectoryInfo Data) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Process.DisposeAsync();
            Data.Delete(recursive: true);
        }
    }
}
