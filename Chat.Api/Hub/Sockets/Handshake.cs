using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// The server's side of a WebSocket's handshake: over HTTP/1.1 an upgrade (RFC 6455, section 4.2.2), over HTTP/2 and 3 an extended CONNECT
/// (RFC 8441, section 5), which browsers use on a TLS connection that they have already.
/// </summary>
internal sealed class Handshake
{
    private const string KeySuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private readonly HttpContext _context;
    private readonly IHttpUpgradeFeature? _upgrade;

    private Handshake(HttpContext context, IHttpUpgradeFeature? upgrade) => (_context, _upgrade) = (context, upgrade);

    /// <summary>Whether the connection is the socket's alone from here on; over HTTP/2 and 3 other requests share it.</summary>
    public bool IsUpgrade => _upgrade is not null;

    /// <summary>Null for a request that the framework does not take for a WebSocket's.</summary>
    public static Handshake? Of(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest) return null;
        var isConnect = HttpMethods.IsConnect(context.Request.Method);
        return new(context, isConnect ? null : context.Features.GetRequiredFeature<IHttpUpgradeFeature>());
    }

    /// <summary>Answers that the socket is open. The stream carries its frames; the request goes on as long as they come.</summary>
    /// <param name="protocol">The subprotocol, named where the client offers it.</param>
    public async ValueTask<Stream> AcceptAsync(string protocol)
    {
        var headers = _context.Response.Headers;
        if (_context.WebSockets.WebSocketRequestedProtocols.Contains(protocol)) headers.SecWebSocketProtocol = protocol;
        if (_upgrade is null) return await _context.Features.GetRequiredFeature<IHttpExtendedConnectFeature>().AcceptAsync();
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = AcceptOf(_context.Request.Headers.SecWebSocketKey.ToString());
        return await _upgrade.UpgradeAsync();
    }

    /// <summary>What proves to a client that sent this key that its handshake was understood.</summary>
    internal static string AcceptOf(string key)
    {
#pragma warning disable CA5350 // It proves that the server speaks the protocol, and protects nothing.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + KeySuffix)));
#pragma warning restore CA5350
    }
}
