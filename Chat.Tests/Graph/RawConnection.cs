using System.Net.Sockets;
using System.Text;

namespace Chat.Tests.Graph;

/// <summary>Clients that keep a server waiting, byte by byte.</summary>
internal static class RawConnection
{
    /// <summary>A request of which the second half never comes.</summary>
    public static async Task<TcpClient> SendHalfOfARequestAsync(Uri server)
    {
        var client = await ConnectAsync(server);
        await SendAsync(client, $"POST /v1/messages HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Le");
        return client;
    }

    /// <summary>A WebSocket that was opened and then reads nothing any more, not even the server's close.</summary>
    public static async Task<TcpClient> OpenSocketThatNeverReadsAsync(Uri server, string token)
    {
        var client = await ConnectAsync(server);
        await SendAsync(
            client,
            $"GET /ws/status?access_token={Uri.EscapeDataString(token)} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        var status = new byte["HTTP/1.1 101".Length];
        await client.GetStream().ReadExactlyAsync(status, TestContext.Current.CancellationToken);
        Assert.Equal("HTTP/1.1 101", Encoding.ASCII.GetString(status));
        return client;
    }

    private static async Task<TcpClient> ConnectAsync(Uri server)
    {
        var client = new TcpClient { ReceiveBufferSize = 1024 };
        await client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        return client;
    }

    private static Task SendAsync(TcpClient client, string text) =>
        client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken).AsTask();
}
