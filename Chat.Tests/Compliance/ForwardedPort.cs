using System.Net;
using System.Net.Sockets;

namespace Chat.Tests.Compliance;

/// <summary>
/// A port in front of a server's. Its connections can fall silent, as those that a firewall forgot: they stay open, and nothing
/// comes through any more, while new ones work.
/// </summary>
internal sealed class ForwardedPort : IAsyncDisposable
{
    private readonly string _server;
    private readonly int _serverPort;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _silences;

    /// <param name="server">Where the server is.</param>
    /// <param name="serverPort">The server's port.</param>
    /// <param name="port">Where to listen; 0 takes a free port.</param>
    public ForwardedPort(string server, int serverPort, int port = 0)
    {
        (_server, _serverPort) = (server, serverPort);
        _listener = new(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>From now on nothing comes through the connections that there are.</summary>
    public void SilenceConnections() => Interlocked.Increment(ref _silences);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(TcpClient accepted)
    {
        using var from = accepted;
        using var to = new TcpClient();
        var silences = Volatile.Read(ref _silences);
        try
        {
            await to.ConnectAsync(_server, _serverPort, _stop.Token);
            await Task.WhenAny(
                CopyAsync(from.GetStream(), to.GetStream(), silences), CopyAsync(to.GetStream(), from.GetStream(), silences));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // Either side hung up.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, int silences)
    {
        var buffer = new byte[65536];
        while (await from.ReadAsync(buffer, _stop.Token) is > 0 and var read)
        {
            if (Volatile.Read(ref _silences) == silences) await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }
    }
}
