using System.Buffers;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// The upgraded connection as the protocol's reader sees it: it reads the bytes themselves, once the connection has looked at their
/// frames, and what it writes (pings, pongs, closes) goes through the connection's one writer. Disposing it leaves the connection
/// alone, which is the server's: what waits for the writer must still go out.
/// </summary>
internal sealed class SingleWriterStream(Stream inner) : Stream
{
    private const int SkippedAtOnce = 16 * 1024;

    /// <summary>Set before anything is read or written.</summary>
    public SocketConnection? Connection { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public Stream Inner => inner;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        if (Connection!.TakeIn(buffer.Span[..read])) return read;
        await SkipToCloseAsync(cancellationToken);
        return 0;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Connection!.SendControl(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Connection!.SendControl(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Connection!.SendControl(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>
    /// Reads on, so that the peer gets our close rather than a reset, and throws it away: until the peer's own close, or until the
    /// connection is cut, as it is after the close timeout.
    /// </summary>
    private async Task SkipToCloseAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SkippedAtOnce);
        try
        {
            int read;
            do
            {
                read = await inner.ReadAsync(buffer, cancellationToken);
                Connection!.TakeIn(buffer.AsSpan(0, read));
            }
            while (read > 0 && !Connection.IsClosedByPeer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
