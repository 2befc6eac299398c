using System.Net;
using System.Net.Sockets;
using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Hub.Sessions;
using Chat.Api.Limits;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sockets;

/// <summary>The endpoint <c>/ws/status</c>: refuses before the upgrade who may not connect, and runs one socket.</summary>
internal sealed partial class SocketEndpoint(
    OriginPolicy origins,
    ITokenReader tokens,
    ConnectionRegistry connections,
    HubSessions sessions,
    TimeProvider time,
    HubMetrics metrics,
    IOptions<HubOptions> options,
    IOptions<KestrelServerOptions> kestrel,
    ILogger<SocketEndpoint> logger)
{
    public const string Path = "/ws/status";

    /// <summary>
    /// The subprotocol. A client that offers its token as one offers this as well, since a browser gives up a connection whose answer
    /// names none of what it offered. Who offers nothing, as the first version's clients, speaks the same.
    /// </summary>
    public const string Protocol = "chat.v1";

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly TokenBuckets<IPAddress> _handshakes =
        new(options.Value.HandshakeBurst, options.Value.HandshakesPerSecond, time);

    // The server counts upgraded connections only as long as their requests.
    private bool MayDetach => options.Value.BeneathHttp && kestrel.Value.Limits.MaxConcurrentUpgradedConnections is null;

    public async Task HandleAsync(HttpContext context)
    {
        var aborted = context.RequestAborted;
        // Before the token is looked at: checking it is what costs.
        if (!_handshakes.TryTake(ClientAddress.Of(context), cost: 1, out var wait))
        {
            LogRefused(StatusCodes.Status429TooManyRequests);
            await context.TooMany("handshakes", UserTexts.TooManyHandshakes, wait).ExecuteAsync(context);
            return;
        }
        if (!origins.AllowsSocket(context.Request))
        {
            LogRefused(StatusCodes.Status403Forbidden);
            await Problem.Create(context, StatusCodes.Status403Forbidden, UserTexts.ForeignPage).ExecuteAsync(context);
            return;
        }
        if (AccessToken.Find(context) is not { } token || await tokens.ReadAsync(token, aborted) is not { } user)
        {
            LogRefused(StatusCodes.Status401Unauthorized);
            await Unauthorized.WriteAsync(context, UserTexts.SendSocketToken, error: null);
            return;
        }
        var handshake = Handshake.Of(context);
        // A browser doesn't tell a page why an upgrade failed: the page asks again without one, and gets the same answer.
        if (handshake is null ? connections.IsFull(user.UserId) : !connections.TryTake(user.UserId))
        {
            LogRefused(StatusCodes.Status429TooManyRequests);
            var detail = UserTexts.TooManyConnections(options.Value.MaxConnectionsPerUser);
            await Problem.Create(context, StatusCodes.Status429TooManyRequests, detail)
                .WithRetryAfter(context, RetryAfter)
                .ExecuteAsync(context);
            return;
        }
        if (handshake is null)
        {
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.SecWebSocketVersion = "13";
            await Problem.Create(context, StatusCodes.Status426UpgradeRequired, UserTexts.WebSocketOnly).ExecuteAsync(context);
            return;
        }
        var isHandedOn = false;
        try
        {
            // A connection that is the socket's alone has its name already. One that is kept for each costs memory.
            var id = handshake.IsUpgrade ? context.Connection.Id : context.TraceIdentifier;
            // Portuguese, as the first version of the protocol had it, unless the client asks for English.
            var client = new Client(id, user, context.Language(Language.Portuguese));
            if (MayDetach && handshake.IsUpgrade && context.Features.Get<DetachableConnection>() is { } connection
                && connection.TryDetach((answer, detached, socket) => RunDetached(client, answer, detached, socket)))
            {
                await DetachAsync(connection, handshake);
                isHandedOn = true;
                return;
            }
            var wire = new StreamWire(await handshake.AcceptAsync(Protocol), context.Abort, isShared: !handshake.IsUpgrade);
            isHandedOn = true;
            await RunAsync(client, wire, default, aborted);
        }
        finally
        {
            if (!isHandedOn) connections.Release(user.UserId);
        }
    }

    private static async Task DetachAsync(DetachableConnection connection, Handshake handshake)
    {
        try
        {
            await handshake.AcceptAsync(Protocol);
        }
        catch
        {
            connection.Attach();
            throw;
        }
    }

    // No task of its own: each lasts as long as the socket.
    private Task RunDetached(Client client, ReadOnlyMemory<byte> answer, ConnectionContext detached, Socket socket) =>
        RunAsync(client, new SocketWire(detached, socket), answer, CancellationToken.None);

    private async Task RunAsync(Client client, IWire wire, ReadOnlyMemory<byte> first, CancellationToken aborted)
    {
        var connection = new SocketConnection(wire, options.Value, time, metrics, first);
        metrics.ConnectionOpened();
        try
        {
            LogOpened(client.ConnectionId, client.User.UserId);
            await using var session = sessions.Open(client.ConnectionId, client.User, connection, client.Language);
            connections.Add(connection, session);
            await connection.ReadAsync(session, aborted);
        }
        finally
        {
            connections.Remove(connection);
            connections.Release(client.User.UserId);
            metrics.ConnectionClosed();
            LogClosed(client.ConnectionId, connection.CodeOfPeer);
        }
    }

    [LoggerMessage(
        EventId = LogEvents.SocketOpened, Level = LogLevel.Information, Message = "WebSocket {ConnectionId} connected, user {UserId}")]
    private partial void LogOpened(string connectionId, Guid userId);

    [LoggerMessage(
        EventId = LogEvents.SocketClosed, Level = LogLevel.Information, Message = "WebSocket {ConnectionId} closed, client's code {Code}")]
    private partial void LogClosed(string connectionId, int? code);

    [LoggerMessage(
        EventId = LogEvents.SocketRefused, Level = LogLevel.Information, Message = "WebSocket refused before the upgrade: {Status}")]
    private partial void LogRefused(int status);

    /// <summary>What is known of who connects, once the request is gone.</summary>
    private sealed record Client(string ConnectionId, ChatUser User, Language Language);
}
