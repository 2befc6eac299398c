using Chat.Api.Auth;
using Chat.Api.Hub.Sessions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sockets;

/// <summary>The endpoint <c>/ws/status</c>: who may in, and the life of one socket.</summary>
public sealed partial class SocketEndpoint(
    ITokenReader tokens,
    ConnectionRegistry connections,
    SessionServices services,
    TimeProvider time,
    IOptions<HubOptions> options,
    ILogger<SocketEndpoint> logger)
{
    public const string Path = "/ws/status";

    /// <summary>Puts the shared upgrade in place before the WebSocket middleware looks for the server's.</summary>
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
        if (AccessToken.Find(context) is not { } token || await tokens.ReadAsync(token, aborted) is not { } user)
        {
            LogRefused(StatusCodes.Status401Unauthorized);
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "Give a valid token, as access_token in the query or as Authorization: Bearer.");
            return;
        }
        if (!context.WebSockets.IsWebSocketRequest || context.Features.Get<IHttpUpgradeFeature>() is not UpgradeFeatureWrapper upgrade)
        {
            context.Response.Headers.Upgrade = "websocket";
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, "This address speaks WebSocket over HTTP/1.1 only.");
            return;
        }
        if (!connections.TryTake(user.UserId))
        {
            LogRefused(StatusCodes.Status429TooManyRequests);
            context.Response.Headers.RetryAfter = "5";
            await RefuseAsync(
                context,
                StatusCodes.Status429TooManyRequests,
                $"No more than {options.Value.MaxConnectionsPerUser} connections of one user: close one first.");
            return;
        }
        try
        {
            await RunAsync(context, upgrade, user, aborted);
        }
        finally
        {
            connections.GiveBack(user.UserId);
        }
    }

    private async Task RunAsync(HttpContext context, UpgradeFeatureWrapper upgrade, ChatUser user, CancellationToken aborted)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            KeepAliveInterval = options.Value.KeepAliveInterval,
            KeepAliveTimeout = options.Value.KeepAliveTimeout,
        });
        var stream = upgrade.Stream!;
        var connection = stream.Connection = new(socket, stream.Inner, options.Value, time, context.Abort);
        connections.Add(connection);
        HubMetrics.Connections.Add(1);
        LogOpened(context.TraceIdentifier, user.UserId);
        try
        {
            await using var session = new HubSession(context.TraceIdentifier, user, connection, services);
            await connection.ReadAsync(session, aborted);
        }
        finally
        {
            connections.Remove(connection);
            HubMetrics.Connections.Add(-1);
            LogClosed(context.TraceIdentifier, (int?)socket.CloseStatus);
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);

    [LoggerMessage(1, LogLevel.Information, "WebSocket {ConnectionId} connected, user {UserId}")]
    private partial void LogOpened(string connectionId, Guid userId);

    [LoggerMessage(2, LogLevel.Information, "WebSocket {ConnectionId} closed, client's code {Code}")]
    private partial void LogClosed(string connectionId, int? code);

    [LoggerMessage(3, LogLevel.Information, "WebSocket refused before the upgrade: {Status}")]
    private partial void LogRefused(int status);
}
