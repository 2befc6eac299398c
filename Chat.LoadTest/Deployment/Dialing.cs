using System.Net.Sockets;

namespace Chat.LoadTest.Deployment;

/// <summary>How a run's handlers make their connections, where they want the socket beneath.</summary>
internal static class Dialing
{
    /// <summary>Connects a socket to where a request goes; disposed of where it can't be.</summary>
    /// <param name="receiveBufferBytes">Null for the system's own size.</param>
    public static async Task<Socket> ConnectAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken, int? receiveBufferBytes = null)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // Before it connects: the window is agreed on then.
        if (receiveBufferBytes is { } bytes) socket.ReceiveBufferSize = bytes;
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
