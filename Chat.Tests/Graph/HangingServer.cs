using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Chat.Tests.Graph;

/// <summary>A server that takes every connection and never says a word.</summary>
internal sealed class HangingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _taken = [];
    private readonly Task _taking;

    public HangingServer()
    {
        _listener.Start();
        _taking = TakeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"127.0.0.1:{Port}";

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _taking;
        foreach (var socket in _taken) socket.Dispose();
    }

    private async Task TakeAsync()
    {
        try
        {
            while (true) _taken.Add(await _listener.AcceptSocketAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
