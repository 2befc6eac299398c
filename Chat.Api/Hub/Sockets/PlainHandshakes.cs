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
        if (!options.Value.MayLeaveHttp(kestrel.Value)) return connection => DetachableConnection.RunAsync(connection, http, verdict: null);
        // Asked for once the endpoint is built: TLS may be added after this. Its connections' bytes are not the client's own here, and
        // without it nothing may be served on such an endpoint. The name is the only public sign of it.
        var isOpen = new Lazy<bool>(() => endpoint.ToString()?.StartsWith("http://", StringComparison.Ordinal) == true
            && endpoint.Protocols.HasFlag(HttpProtocols.Http1));
        return connection => isOpen.Value ? RunAsync(connection, http) : DetachableConnection.RunAsync(connection, http, verdict: null);
    }

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        var (opened, verdict) = await TryOpenAsync(connection);
        if (opened is { Client: var client, Answer: var answer, Socket: var socket })
            await runner.RunAsync(client, new SocketWire(connection, socket), answer, CancellationToken.None);
        else await DetachableConnection.RunAsync(connection, http, verdict);
    }

    /// <summary>What was opened; or null, and what was said against it where that was asked: then nothing was read.</summary>
    private async ValueTask<(Opened? Opened, SocketVerdict? Verdict)> TryOpenAsync(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>() is not { Socket: var socket }) return (null, null);
        var input = connection.Transport.Input;
        if (await TryReadAsync(connection, input) is not { } read) return (null, null);
        var (consumed, opened, verdict) = (read.Buffer.Start, (Opened?)null, (SocketVerdict?)null);
        if (!read.IsCompleted && PlainHandshake.Read(read.Buffer.FirstSpan, connection, kestrel.Value.Limits) is { } handshake
            && IsAnyHostServed() && admission.TryTake(handshake.Context, out _))
        {
            // Before the question, whose answer may hold a place.
            var (language, answer) = (SocketClient.LanguageOf(handshake.Context), handshake.Answer(SocketEndpoint.Protocol));
            verdict = await AskAsync(handshake, connection);
            if (verdict is SocketVerdict.Admitted { User: var user })
            {
                opened = new(new(connection.ConnectionId, user, language), answer, socket);
                consumed = read.Buffer.GetPosition(handshake.Length);
            }
        }
        input.AdvanceTo(consumed);
        return (opened, verdict);
    }

    private async ValueTask<ReadResult?> TryReadAsync(ConnectionContext connection, PipeReader input)
    {
        if (input.TryRead(out var read)) return read;
        using var patience = new CancellationTokenSource(Patience, time);
        // A server that stops does not wait for who says nothing either.
        using var stop = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested
            .UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), patience);
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

    private async ValueTask<SocketVerdict?> AskAsync(PlainHandshake handshake, ConnectionContext connection)
    {
        try
        {
            return await admission.AskAsync(handshake.Context, takesPlace: true, connection.ConnectionClosed);
        }
        catch (OperationCanceledException)
        {
            // The client is gone.
            return null;
        }
    }

    // Else the framework's middleware decides by the request's host.
    private bool IsAnyHostServed() => hosts.CurrentValue.AllowedHosts is [] or [AnyHost];

    private sealed record Opened(SocketClient Client, ReadOnlyMemory<byte> Answer, Socket Socket);
}
