using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// Opens sockets beneath HTTP, where a connection begins with a handshake that is written as usual (<see cref="PlainHandshake"/>) and is
/// let in. Everything else goes on to HTTP untouched, which answers it: whatever is refused, malformed, unusual, slow, encrypted or no
/// handshake. So nothing is decided here but that a socket opens.
/// </summary>
internal sealed class PlainHandshakes(
    SocketAdmission admission,
    SocketRunner runner,
    TimeProvider time,
    IOptions<HubOptions> options,
    IOptions<KestrelServerOptions> kestrel,
    IOptionsMonitor<HostFilteringOptions> hosts)
{
    private const string AnyHost = "*";

    // Then it is HTTP's, which has limits for who says nothing.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>What runs a connection of this endpoint.</summary>
    /// <param name="http">The next middleware of the server.</param>
    public ConnectionDelegate Before(ListenOptions endpoint, ConnectionDelegate http)
    {
        if (!options.Value.MayLeaveHttp(kestrel.Value)) return connection => DetachableConnection.RunAsync(connection, http, isPaid: false);
        // Asked for once the endpoint is built: TLS may be added after this. Its connections' bytes are not the client's own here, and
        // without it nothing may be served on such an endpoint. The name is the only public sign of it.
        var isOpen = new Lazy<bool>(() => endpoint.ToString()?.StartsWith("http://", StringComparison.Ordinal) == true
            && endpoint.Protocols.HasFlag(HttpProtocols.Http1));
        return connection => isOpen.Value ? RunAsync(connection, http) : DetachableConnection.RunAsync(connection, http, isPaid: false);
    }

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        var (opened, isPaid) = await TryOpenAsync(connection);
        if (opened is { Client: var client, Answer: var answer, Socket: var socket })
            await runner.RunAsync(client, new SocketWire(connection, socket), answer, CancellationToken.None);
        else await DetachableConnection.RunAsync(connection, http, isPaid);
    }

    /// <summary>Null where nothing was read and the connection is HTTP's, and whether its handshake was counted already.</summary>
    private async ValueTask<(Opened? Opened, bool IsPaid)> TryOpenAsync(ConnectionContext connection)
    {
        var isPaid = false;
        if (connection.Features.Get<IConnectionSocketFeature>() is not { Socket: var socket }) return (null, isPaid);
        var input = connection.Transport.Input;
        if (await TryReadAsync(input) is not { } read) return (null, isPaid);
        var (consumed, opened) = (read.Buffer.Start, (Opened?)null);
        if (!read.IsCompleted && PlainHandshake.Read(read.Buffer.FirstSpan, connection, kestrel.Value.Limits) is { } handshake
            && IsAnyHostServed() && admission.TryTake(handshake.Context, out _))
        {
            isPaid = true;
            if (await AdmitAsync(handshake, connection) is { } client)
            {
                opened = new(client, handshake.Answer(SocketEndpoint.Protocol), socket);
                consumed = read.Buffer.GetPosition(handshake.Length);
            }
        }
        input.AdvanceTo(consumed);
        return (opened, isPaid);
    }

    private async ValueTask<ReadResult?> TryReadAsync(PipeReader input)
    {
        if (input.TryRead(out var read)) return read;
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            return await input.ReadAsync(patience.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Nothing came yet, or the client is gone: HTTP finds the same.
            return null;
        }
    }

    private async ValueTask<SocketClient?> AdmitAsync(PlainHandshake handshake, ConnectionContext connection)
    {
        try
        {
            // Last of all, since it takes a place.
            var language = SocketClient.LanguageOf(handshake.Context);
            return await admission.AskAsync(handshake.Context, takesPlace: true, connection.ConnectionClosed)
                is SocketVerdict.Admitted { User: var user }
                    ? new(connection.ConnectionId, user, language)
                    : null;
        }
#pragma warning disable CA1031 // HTTP asks again, and has an answer for whatever is wrong.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    // Else the framework's middleware decides by the request's host.
    private bool IsAnyHostServed() => hosts.CurrentValue.AllowedHosts is [] or [AnyHost];

    private sealed record Opened(SocketClient Client, ReadOnlyMemory<byte> Answer, Socket Socket);
}
