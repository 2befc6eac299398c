using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Chat.Api.Hub.Sockets;

/// <summary>Goes on with a connection that HTTP has left; the connection ends with it.</summary>
/// <param name="answer">What HTTP's last answer was: not sent yet.</param>
internal delegate Task DetachedHandler(ReadOnlyMemory<byte> answer, ConnectionContext connection, Socket socket);

/// <summary>
/// A connection as HTTP sees it, which HTTP can be made to leave: the request that upgrades it ends, with all that belongs to it, and the
/// connection goes on. The server reads the request and makes the answer as it does for any other; its limits and its timeouts hold until
/// then. A feature of the connection, beneath which nothing else may come.
/// </summary>
internal sealed class DetachableConnection : IDuplexPipe, IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _connection;
    private readonly IDuplexPipe _transport;
    private readonly IConnectionHeartbeatFeature? _heartbeat;
    private readonly DetachableReader _input;
    private readonly DetachableWriter _output;
    private Beat? _beat;
    private DetachedHandler? _next;
    private Socket? _socket;
    private SocketVerdict? _verdict;

    private DetachableConnection(ConnectionContext connection, SocketVerdict? verdict)
    {
        _verdict = verdict;
        (_connection, _transport) = (connection, connection.Transport);
        _input = new(_transport.Input);
        _output = new(_transport.Output);
        _heartbeat = connection.Features.Get<IConnectionHeartbeatFeature>();
    }

    PipeReader IDuplexPipe.Input => _input;

    PipeWriter IDuplexPipe.Output => _output;

    /// <summary>Runs a connection: HTTP, and then what <see cref="TryDetach"/> was given.</summary>
    /// <param name="http">The next middleware of the server.</param>
    /// <param name="verdict">For <see cref="TakeVerdict"/>.</param>
    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate http, SocketVerdict? verdict)
    {
        if (await LeaveAsync(connection, http, verdict) is var (next, answer, socket)) await next(answer, connection, socket);
    }

    /// <summary>
    /// Why the handshake that the connection begins with was not let in before HTTP saw it: it was counted and checked already. Null where
    /// that was not asked; there once, for that handshake.
    /// </summary>
    public SocketVerdict? TakeVerdict()
    {
        var verdict = _verdict;
        _verdict = null;
        return verdict;
    }

    /// <summary>
    /// From here on, what HTTP writes (the answer to the upgrade) is kept, and once HTTP has ended <paramref name="next"/> runs with it.
    /// False where that can't be: something between HTTP and the connection, as TLS, or an earlier answer that may be on its way.
    /// </summary>
    public bool TryDetach(DetachedHandler next)
    {
        if (_connection.Transport != this || _output.HasWritten) return false;
        if (_connection.Features.Get<IConnectionSocketFeature>() is not { } feature) return false;
        _socket = feature.Socket;
        _output.Detach();
        _input.Detach();
        _next = next;
        return true;
    }

    /// <summary>Takes <see cref="TryDetach"/> back, as long as the request has not ended: what HTTP wrote since then goes out.</summary>
    public void Attach()
    {
        _next = null;
        _output.Attach();
        _input.Attach();
    }

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        // The server keeps what it is given for as long as the connection lives: HTTP must not be among it.
        if (_beat is null)
        {
            _beat = new();
            _heartbeat?.OnHeartbeat(static beat => ((Beat)beat).Action?.Invoke(), _beat);
        }
        _beat.Action += () => action(state);
    }

    private static async Task<(DetachedHandler Next, ReadOnlyMemory<byte> Answer, Socket Socket)?> LeaveAsync(
        ConnectionContext connection, ConnectionDelegate http, SocketVerdict? verdict)
    {
        var detachable = new DetachableConnection(connection, verdict);
        connection.Features.Set(detachable);
        if (detachable._heartbeat is not null) connection.Features.Set<IConnectionHeartbeatFeature>(detachable);
        connection.Transport = detachable;
        try
        {
            await http(connection);
        }
#pragma warning disable CA1031 // HTTP has done its part: what is wrong with what it leaves behind ends nothing else.
        catch when (detachable._next is not null)
#pragma warning restore CA1031
        {
        }
        finally
        {
            connection.Transport = detachable._transport;
            connection.Features.Set(detachable._heartbeat);
            connection.Features.Set<DetachableConnection>(null);
            if (detachable._beat is { } beat) beat.Action = null;
        }
        return detachable._next is { } next ? (next, detachable._output.Kept, detachable._socket!) : null;
    }

    /// <summary>What HTTP does at each heartbeat: all that is kept of it once HTTP has left.</summary>
    private sealed class Beat
    {
        public Action? Action { get; set; }
    }

    /// <summary>HTTP's end of what comes in: it does not end with HTTP.</summary>
    private sealed class DetachableReader(PipeReader inner) : PipeReader
    {
        private bool _detached;

        public void Detach() => _detached = true;

        public void Attach() => _detached = false;

        public override void Complete(Exception? exception = null)
        {
            if (!_detached) inner.Complete(exception);
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            inner.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);
    }

    /// <summary>HTTP's end of what goes out: once detached, it goes nowhere and is kept.</summary>
    private sealed class DetachableWriter(PipeWriter inner) : PipeWriter
    {
        private ArrayBufferWriter<byte>? _kept;

        public bool HasWritten { get; private set; }

        public ReadOnlyMemory<byte> Kept => _kept?.WrittenMemory ?? default;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => _kept is null ? inner.UnflushedBytes : 0;

        public void Detach() => _kept = new();

        public void Attach()
        {
            if (_kept is { WrittenCount: > 0 } kept) inner.Write(kept.WrittenSpan);
            _kept = null;
        }

        public override void Advance(int bytes)
        {
            if (_kept is not null)
            {
                _kept.Advance(bytes);
                return;
            }
            HasWritten |= bytes > 0;
            inner.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _kept?.GetMemory(sizeHint) ?? inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _kept is null ? inner.GetSpan(sizeHint) : _kept.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
            if (_kept is null) inner.Complete(exception);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            _kept is null ? inner.FlushAsync(cancellationToken) : new(new FlushResult(isCanceled: false, isCompleted: false));
    }
}
