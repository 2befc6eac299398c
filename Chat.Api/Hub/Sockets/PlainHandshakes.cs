using System.Buffers;
using System.Net;
using System.Net.Sockets;
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
    TimeProvider time,
    IOptions<KestrelServerOptions> kestrel,
    IOptionsMonitor<HostFilteringOptions> hosts)
{
    private const string AnyHost = "*";

    // A longer one is HTTP's: no client writes as much.
    private const int MaxBytes = 8 * 1024;

    // Then it is HTTP's, which has limits for who says nothing.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConnectionIds _ids = new(time);

    /// <summary>What was opened; or null, and what was said against it where that was asked: then nothing was read.</summary>
    /// <param name="stopping">Cancelled when nobody who says nothing is waited for any more.</param>
    public async ValueTask<(OpenedSocket? Opened, SocketVerdict? Verdict)> TryOpenAsync(Socket socket, CancellationToken stopping)
    {
        if (!await WaitForBytesAsync(socket, stopping) || Read(socket) is not { } handshake) return (null, null);
        if (!IsAnyHostServed() || !admission.TryTake(handshake.Context, out _)) return (null, null);
        // Before the question, whose answer may hold a place.
        var (language, answer) = (SocketClient.LanguageOf(handshake.Context), handshake.Answer(SocketEndpoint.Protocol));
        var verdict = await AskAsync(handshake, stopping);
        if (verdict is not SocketVerdict.Admitted { User: var user }) return (null, verdict);
        Skip(socket, handshake.Length);
        return (new(new(_ids.Next(), user, language), answer), verdict);
    }

    private async ValueTask<bool> WaitForBytesAsync(Socket socket, CancellationToken stopping)
    {
        if (socket.Available > 0)
        {
            // The next connection is accepted meanwhile.
            await Task.Yield();
            return true;
        }
        using var patience = new CancellationTokenSource(Patience, time);
        using var stop = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), patience);
        try
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, patience.Token);
            return true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException)
        {
            // Nothing came yet, or the client is gone: HTTP finds the same.
            return false;
        }
    }

    private async ValueTask<SocketVerdict?> AskAsync(PlainHandshake handshake, CancellationToken stopping)
    {
        try
        {
            return await admission.AskAsync(handshake.Context, takesPlace: true, stopping);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Looks at what came, and leaves it there.</summary>
    private PlainHandshake? Read(Socket socket)
    {
        var limits = kestrel.Value.Limits;
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBytes);
        try
        {
            var length = socket.Receive(buffer, 0, buffer.Length, SocketFlags.Peek, out var error);
            if (error != SocketError.Success) return null;
            return PlainHandshake.Read(buffer.AsSpan(0, length), (socket.RemoteEndPoint as IPEndPoint)?.Address, limits);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Where the client is gone meanwhile, who reads on finds that.
    private static void Skip(Socket socket, int length)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var error = SocketError.Success;
            for (var left = length; left > 0 && error == SocketError.Success;)
            {
                var read = socket.Receive(buffer, 0, left, SocketFlags.None, out error);
                if (read == 0) return;
                left -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Else the framework's middleware decides by the request's host.
    private bool IsAnyHostServed() => hosts.CurrentValue.AllowedHosts is [] or [AnyHost];
}

/// <summary>A socket that is let in, with the answer to its handshake, which is not sent yet.</summary>
internal sealed record OpenedSocket(SocketClient Client, ReadOnlyMemory<byte> Answer);
