using System.IO.Pipelines;

namespace Chat.Api.Hub.Sockets;

/// <summary>The connection within an HTTP request, which goes on until the socket is closed.</summary>
/// <param name="stream">The server's own: its bytes are encrypted and decrypted beneath it.</param>
/// <param name="abort">Cuts the connection, or the stream of it.</param>
/// <param name="isShared">Whether it is one of several streams of a connection, as in HTTP/2.</param>
internal sealed class StreamWire(Stream stream, Action abort, bool isShared = false) : IWire
{
    // Without a buffer while nothing comes.
    public PipeReader Input { get; } = PipeReader.Create(stream, new(leaveOpen: true, useZeroByteReads: true));

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    public void EndOutput()
    {
        // A stream that ends with bytes unread takes nothing back of what was sent. One
        // that is cut does: what the peer has not read by then is lost.
        if (isShared) Input.CancelPendingRead();
    }

    public void Abort()
    {
        try
        {
            abort();
        }
        catch (ObjectDisposedException)
        {
            // The request has ended, and the connection with it.
        }
    }
}
