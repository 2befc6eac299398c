using System.IO.Pipelines;

namespace Chat.Api.Hub.Sockets;

/// <summary>The connection within an HTTP request that was upgraded, which goes on until the socket is closed.</summary>
/// <param name="stream">The server's own: its bytes are encrypted and decrypted beneath it.</param>
/// <param name="abort">Cuts the connection.</param>
internal sealed class StreamWire(Stream stream, Action abort) : IWire
{
    // Without a buffer while nothing comes.
    public PipeReader Input { get; } = PipeReader.Create(stream, new(leaveOpen: true, useZeroByteReads: true));

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => stream.WriteAsync(bytes);

    public void EndOutput()
    {
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
