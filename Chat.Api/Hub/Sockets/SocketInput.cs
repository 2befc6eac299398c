using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// What comes in over a socket of our own, for a reader that takes all that it is given. The framework's reader of a stream keeps nine
/// objects of a socket that waits.
/// </summary>
internal sealed class SocketInput(Socket socket) : PipeReader
{
    private const int BufferBytes = 4096;

    // There between a read and what follows it.
    private byte[]? _buffer;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        // An idle socket waits here, without a buffer.
        await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken);
        _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        var length = await socket.ReceiveAsync(_buffer, SocketFlags.None, cancellationToken);
        return new(new(_buffer, 0, length), isCanceled: false, isCompleted: length == 0);
    }

    /// <param name="consumed">The end of what was read.</param>
    public override void AdvanceTo(SequencePosition consumed) => Return();

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => throw new NotSupportedException();

    public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

    public override void CancelPendingRead() => throw new NotSupportedException();

    public override void Complete(Exception? exception = null) => Return();

    private void Return()
    {
        if (_buffer is { } buffer) ArrayPool<byte>.Shared.Return(buffer);
        _buffer = null;
    }
}
