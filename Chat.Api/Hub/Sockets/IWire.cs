using System.IO.Pipelines;

namespace Chat.Api.Hub.Sockets;

/// <summary>A connection that carries WebSocket frames and nothing else from here on, whatever it was before.</summary>
public interface IWire
{
    /// <summary>
    /// What comes in, for a reader that takes all that it is given. Ends cancelled, or with an <see cref="IOException"/>, a
    /// <see cref="System.Net.Sockets.SocketException"/> or an <see cref="ObjectDisposedException"/>, where the connection was cut.
    /// </summary>
    PipeReader Input { get; }

    /// <summary>Writes bytes; one call at a time. Completes once they may be reused.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>
    /// Tells the peer that nothing more comes, and goes on reading: a connection that is closed with bytes unread is reset, and what was
    /// sent last may never be seen. Where that can't happen, reading is cancelled; does nothing where only both directions can be closed.
    /// </summary>
    void EndOutput();

    /// <summary>Cuts the connection: reads and writes that wait fail.</summary>
    void Abort();
}
