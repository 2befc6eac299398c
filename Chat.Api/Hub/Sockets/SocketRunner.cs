using Chat.Api.Auth;
using Chat.Api.Hub.Sessions;
using Chat.Api.Texts;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sockets;

/// <summary>Who opened a socket: all that is kept of its handshake.</summary>
/// <param name="ConnectionId">
/// The connection's own where it is the socket's alone; else the request's.
/// </param>
internal sealed record SocketClient(string ConnectionId, ChatUser User, Language Language)
{
    /// <summary>Portuguese, as the first version of the protocol had it, unless the client asks for English.</summary>
    public static Language LanguageOf(HttpContext handshake) => handshake.Language(Language.Portuguese);
}

/// <summary>Runs sockets whose handshake is done, each until either side closes it.</summary>
internal sealed partial class SocketRunner(
    HubSessions sessions,
    ConnectionRegistry connections,
    TimeProvider time,
    HubMetrics metrics,
    IOptions<HubOptions> options,
    ILogger<SocketRunner> logger)
{
    /// <summary>Runs a socket, and releases its user's place in the end.</summary>
    /// <param name="first">Bytes that go out before everything else, with the first frame: the answer to the handshake.</param>
    public async Task RunAsync(SocketClient client, IWire wire, ReadOnlyMemory<byte> first, CancellationToken aborted)
    {
        var connection = new SocketConnection(wire, options.Value, time, metrics, first);
        metrics.Handshake(StatusCodes.Status101SwitchingProtocols);
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
}
