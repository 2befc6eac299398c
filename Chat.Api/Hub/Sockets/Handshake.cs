using System.Security.Cryptography;
using System.Text;

namespace Chat.Api.Hub.Sockets;

/// <summary>The server's side of a WebSocket's handshake (RFC 6455, section 4.2.2).</summary>
internal static class Handshake
{
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Writes the answer's headers, for a request that the framework took for a WebSocket's.</summary>
    /// <param name="protocol">The subprotocol, named where the client offers it.</param>
    public static void Answer(HttpContext context, string protocol)
    {
        var headers = context.Response.Headers;
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = AcceptOf(context.Request.Headers.SecWebSocketKey.ToString());
        if (context.WebSockets.WebSocketRequestedProtocols.Contains(protocol)) headers.SecWebSocketProtocol = protocol;
    }

    private static string AcceptOf(string key)
    {
#pragma warning disable CA5350 // It proves that the server speaks the protocol, and protects nothing.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
#pragma warning restore CA5350
    }
}
