using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// A socket beneath HTTP: of our own, or of a connection that HTTP has left. What is sent goes to it at once, on the sender's thread:
/// through the server's pipe it would be copied, and wait for another thread. That pipe must be empty, and stay so.
/// </summary>
internal sealed class SocketWire : IWire
{
    private readonly ConnectionContext? _connection;
    private readonly Socket _socket;

    public SocketWire(Socket socket)
        : this(new SocketInput(socket), socket)
    {
    }

    public SocketWire(ConnectionContext connection, Socket socket)
        : this(connection.Transport.Input, socket) => _connection = connection;

    private SocketWire(PipeReader input, Socket socket)
    {
        (Input, _socket) = (input, socket);
        try
        {
            // A send that finds no room says so, in place of waiting for some.
            if (socket.Blocking) socket.Blocking = false;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer left during the handshake: reads and writes will say so.
        }
    }

    public PipeReader Input { get; }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var sent = _socket.Send(bytes.Span, SocketFlags.None, out var error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
                return ValueTask.FromException(Gone(new SocketException((int)error)));
            return sent == bytes.Length ? ValueTask.CompletedTask : FinishAsync(bytes[sent..]);
        }
        catch (ObjectDisposedException exception)
        {
            return ValueTask.FromException(Gone(exception));
        }
    }

    public void EndOutput()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer is gone.
        }
    }

    public void Abort()
    {
        if (_connection is not null) _connection.Abort();
        // With a reset, as the server does: who takes nothing would keep what waits for it in the system.
        else _socket.Close(timeout: 0);
    }

    private async ValueTask FinishAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty) bytes = bytes[await _socket.SendAsync(bytes)..];
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw Gone(exception);
        }
    }

    private static IOException Gone(Exception exception) => new("The connection is gone.", exception);
}
