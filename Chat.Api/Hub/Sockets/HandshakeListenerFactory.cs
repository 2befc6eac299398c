using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// The server's transport for endpoints of plain HTTP over TCP, in place of its own: the same sockets, on which
/// <see cref="PlainHandshakes"/> are answered before the server makes a connection of them. All other endpoints stay with the server's.
/// </summary>
internal sealed class HandshakeListenerFactory(
    PlainHandshakes handshakes,
    SocketRunner runner,
    TimeProvider time,
    IOptions<HubOptions> options,
    IOptions<KestrelServerOptions> kestrel,
    IOptions<SocketTransportOptions> transport,
    ILoggerFactory loggers)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private ListenOptions? _next;

    /// <summary>The endpoint that is bound next; all that comes between HTTP and its connections is known.</summary>
    public void Expect(ListenOptions endpoint) => _next = endpoint;

    public bool CanBind(EndPoint endpoint) =>
        options.Value.MayLeaveHttp(kestrel.Value)
        && _next is { } next && endpoint is IPEndPoint { Port: var port } && next.IPEndPoint?.Port == port && IsPlain(next);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = transport.Value.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }
        socket.Listen(transport.Value.Backlog);
        return new(new HandshakeListener(socket, handshakes, runner, time, transport.Value, loggers));
    }

    // With TLS the bytes are not the client's own here, and without it nothing may be served there. The name is the only public sign of it.
    private static bool IsPlain(ListenOptions endpoint) =>
        endpoint.ToString()?.StartsWith("http://", StringComparison.Ordinal) == true && endpoint.Protocols.HasFlag(HttpProtocols.Http1);
}
