using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Chat.Api.Limits;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// The endpoint <c>/ws/status</c> as HTTP has it: refuses before the upgrade who may not connect, and runs one socket. Most handshakes
/// don't come this far (<see cref="PlainHandshakes"/>).
/// </summary>
internal sealed partial class SocketEndpoint(
    SocketAdmission admission,
    SocketRunner runner,
    ConnectionRegistry connections,
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

    public async Task HandleAsync(HttpContext context)
    {
        var aborted = context.RequestAborted;
        var connection = context.Features.Get<DetachableConnection>();
        var handshake = Handshake.Of(context);
        var verdict = connection?.TakeVerdict() ?? await AskAsync(context, takesPlace: handshake is not null);
        if (verdict is SocketVerdict.Failed { Exception: var exception })
        {
            if (exception is UnavailableException) metrics.Handshake(StatusCodes.Status503ServiceUnavailable);
            ExceptionDispatchInfo.Throw(exception);
        }
        if (verdict is not SocketVerdict.Admitted { User: var user })
        {
            await RefuseAsync(context, verdict);
            return;
        }
        if (handshake is null)
        {
            metrics.Handshake(StatusCodes.Status426UpgradeRequired);
            context.Response.Headers.Upgrade = "websocket";
            context.Response.Headers.SecWebSocketVersion = "13";
            await Problem.Create(context, StatusCodes.Status426UpgradeRequired, UserTexts.WebSocketOnly).ExecuteAsync(context);
            return;
        }
        var isHandedOn = false;
        try
        {
            var id = handshake.IsUpgrade ? context.Connection.Id : context.TraceIdentifier;
            var client = new SocketClient(id, user, SocketClient.LanguageOf(context));
            if (options.Value.MayLeaveHttp(kestrel.Value) && handshake.IsUpgrade && connection is not null
                && connection.TryDetach((answer, detached, socket) => RunDetached(client, answer, detached, socket)))
            {
                await DetachAsync(connection, handshake);
                isHandedOn = true;
                return;
            }
            var wire = new StreamWire(await handshake.AcceptAsync(Protocol), context.Abort, isShared: !handshake.IsUpgrade);
            isHandedOn = true;
            await runner.RunAsync(client, wire, default, aborted);
        }
        finally
        {
            if (!isHandedOn) connections.Release(user.UserId);
        }
    }

    // A browser doesn't tell a page why an upgrade failed: the page asks again without one, and gets the same answer.
    private async ValueTask<SocketVerdict> AskAsync(HttpContext context, bool takesPlace)
    {
        if (!admission.TryTake(context, out var wait)) return new SocketVerdict.TooManyHandshakes(wait);
        return await admission.AskAsync(context, takesPlace, context.RequestAborted);
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
    private Task RunDetached(SocketClient client, ReadOnlyMemory<byte> answer, ConnectionContext detached, Socket socket) =>
        runner.RunAsync(client, new SocketWire(detached, socket), answer, CancellationToken.None);

    private Task RefuseAsync(HttpContext context, SocketVerdict verdict)
    {
        var status = verdict switch
        {
            SocketVerdict.ForeignPage => StatusCodes.Status403Forbidden,
            SocketVerdict.NoToken => StatusCodes.Status401Unauthorized,
            _ => StatusCodes.Status429TooManyRequests,
        };
        LogRefused(status);
        metrics.Handshake(status);
        return verdict switch
        {
            SocketVerdict.TooManyHandshakes { Wait: var wait } =>
                context.TooMany("handshakes", UserTexts.TooManyHandshakes, wait).ExecuteAsync(context),
            SocketVerdict.ForeignPage => Problem.Create(context, status, UserTexts.ForeignPage).ExecuteAsync(context),
            SocketVerdict.NoToken => Unauthorized.WriteAsync(context, UserTexts.SendSocketToken, error: null),
            _ => Problem.Create(context, status, UserTexts.TooManyConnections(options.Value.MaxConnectionsPerUser))
                .WithRetryAfter(context, RetryAfter)
                .ExecuteAsync(context),
        };
    }

    [LoggerMessage(
        EventId = LogEvents.SocketRefused, Level = LogLevel.Information, Message = "WebSocket refused before the upgrade: {Status}")]
    private partial void LogRefused(int status);
}
