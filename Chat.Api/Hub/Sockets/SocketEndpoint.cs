using System.Net;
using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Hub.Sessions;
using Chat.Api.Limits;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Microsoft.AspNetCore.Http.Features;
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

    /// <summary>Wraps the server's upgrade feature before the WebSocket middleware looks for it.</summary>
    public static Task PrepareAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.Equals(Path, StringComparison.OrdinalIgnoreCase)
            && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            context.Features.Set<IHttpUpgradeFeature>(new UpgradeFeatureWrapper(upgrade));
        }
        return next(context);
    }

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
        var upgrade = context.WebSockets.IsWebSocketRequest ? context.Features.Get<IHttpUpgradeFeature>() as UpgradeFeatureWrapper : null;
        // A browser doesn't tell a page why an upgrade failed: the page asks again without one, and gets the same answer.
        if (upgrade is null ? connections.IsFull(user.UserId) : !connections.TryTake(user.UserId))
        {
            LogRefused(StatusCodes.Status429TooManyRequests);
            var detail = UserTexts.TooManyConnections(options.Value.MaxConnectionsPerUser);
            await Problem.Create(context, StatusCodes.Status429TooManyRequests, detail)
                .WithRetryAfter(context, RetryAfter)
                .ExecuteAsync(context);
            return;
        }
        if (upgrade is null)
        {
            context.Response.Headers.Upgrade = "websocket";
            await Problem.Create(context, StatusCodes.Status426UpgradeRequired, UserTexts.WebSocketOnly).ExecuteAsync(context);
            return;
        }
        try
        {
            await RunAsync(context, upgrade, user, aborted);
        }
        finally
        {
            connections.Release(user.UserId);
        }
    }

    private async Task RunAsync(HttpContext context, UpgradeFeatureWrapper upgrade, ChatUser user, CancellationToken aborted)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol) ? Protocol : null,
            KeepAliveInterval = options.Value.KeepAliveInterval,
            KeepAliveTimeout = options.Value.KeepAliveTimeout,
        });
        var stream = upgrade.Stream!;
        var connection = stream.Connection = new(socket, stream.Inner, options.Value, time, metrics, context.Abort);
        metrics.ConnectionOpened();
        LogOpened(context.TraceIdentifier, user.UserId);
        try
        {
            // Portuguese, as the first version of the protocol had it, unless the client asks for English.
            var language = context.Language(Language.Portuguese);
            await using var session = sessions.Open(context.TraceIdentifier, user, connection, language);
            connections.Add(connection, session);
            await connection.ReadAsync(session, aborted);
        }
        finally
        {
            connections.Remove(connection);
            metrics.ConnectionClosed();
            LogClosed(context.TraceIdentifier, (int?)socket.CloseStatus);
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
}
