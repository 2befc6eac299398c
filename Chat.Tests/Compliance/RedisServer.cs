namespace Chat.Tests.Compliance;

/// <summary>
/// Where Redis is: at <c>ConnectionStrings__redis</c>; else Debian's <c>redis-server</c>, started here; else nowhere, and the tests
/// are skipped.
/// </summary>
public sealed class RedisServer : IAsyncLifetime
{
    private ServerProcess? _own;

    /// <summary>The connection string; null where there is no Redis.</summary>
    public string? Address { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Address = Environment.GetEnvironmentVariable("ConnectionStrings__redis");
        if (!string.IsNullOrEmpty(Address)) return;
        _own = await TryStartAsync();
        Address = _own?.Address;
    }

    public async ValueTask DisposeAsync()
    {
        if (_own is not null) await _own.DisposeAsync();
    }

    /// <summary>A server of the caller's own, to be killed at will; null where there is no program for it.</summary>
    public static Task<ServerProcess?> TryStartAsync() => TryStartAsync(port => ["--port", $"{port}"]);

    /// <summary>The same, listening as the caller says.</summary>
    public static async Task<ServerProcess?> TryStartAsync(Func<int, string[]> listen)
    {
        if (ServerProcess.Find("redis-server") is not { } program) return null;
        var port = ServerProcess.FreePorts();
        var server = new ServerProcess(
            port,
            program,
            [.. listen(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()]);
        await server.StartAsync();
        return server;
    }
}
