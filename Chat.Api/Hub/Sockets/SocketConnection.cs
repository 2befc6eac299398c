using System.Buffers;
using System.Net.WebSockets;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Core.Time;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// One socket: a reader (the framework's <see cref="WebSocket"/> for the protocol's own rules) and one writer for everything that
/// is sent. A frame for an idle socket is written by the thread that sends it; frames that come while a write is under way wait and
/// are written together in the next one.
/// </summary>
public sealed class SocketConnection : IFrameSink
{
    private readonly Lock _gate = new();
    private readonly SendQueue _queue;
    private readonly HubOptions _options;
    private readonly TimeProvider _time;
    private readonly HubMetrics _metrics;
    private readonly Action _abort;
    private readonly Stream _transport;
    private readonly WebSocket _socket;
    private readonly InboundFrames _frames;
    private HubSession? _session;
    private Func<bool>? _onFrame;
    private long? _timed;
    private ITimer? _messageTimeout;
    private TaskCompletionSource? _room;
    private ITimer? _closeTimeout;
    private bool _writing;
    private bool _closing;
    private bool _broken;

    /// <param name="socket">The protocol's reader, made on a <see cref="SingleWriterStream"/>.</param>
    /// <param name="transport">The upgraded connection beneath it.</param>
    /// <param name="abort">Cuts the connection.</param>
    public SocketConnection(
        WebSocket socket, Stream transport, HubOptions options, TimeProvider time, HubMetrics metrics, Action abort)
    {
        (_socket, _transport, _options, _time, _metrics, _abort) = (socket, transport, options, time, metrics, abort);
        _queue = new(options.ConflateAboveBytes, options.MaxQueuedBytes);
        _frames = new(options.MaxInboundBytes, options.MaxFragments);
    }

    /// <inheritdoc/>
    public void Send(OutgoingFrame frame)
    {
        lock (_gate)
        {
            if (_closing || _broken) return;
        }
        Enqueue(frame);
    }

    /// <inheritdoc/>
    public void Close(CloseCode code, string reason) => Close((WebSocketCloseStatus)(int)code, reason);

    /// <inheritdoc/>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_broken || _queue.Bytes < _options.ConflateAboveBytes / 2) return ValueTask.CompletedTask;
            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return new(_room.Task.WaitQuietlyAsync().WaitAsync(cancellationToken));
        }
    }

    /// <summary>Reads until the socket is closed by either side, and then waits for what is on its way out.</summary>
    public async Task ReadAsync(HubSession session, CancellationToken aborted)
    {
        (_session, _onFrame) = (session, session.OnFrame);
        try
        {
            while (await ReadMessageAsync(session, aborted))
            {
            }
            if (_socket.State == WebSocketState.CloseReceived) Close(WebSocketCloseStatus.NormalClosure, "");
            await DrainAsync(aborted);
        }
        catch (Exception exception) when (exception is WebSocketException or IOException or OperationCanceledException)
        {
            // The peer is gone, or broke the protocol: the framework has closed with the code for that.
        }
        finally
        {
            Break();
            if (_closeTimeout is { } timeout) await timeout.DisposeAsync();
            if (_messageTimeout is { } message) await message.DisposeAsync();
        }
    }

    /// <summary>Whether the client has sent its close.</summary>
    internal bool IsClosedByPeer => _frames.IsClosed;

    /// <summary>
    /// Bytes that came in, before the protocol's reader gets them. False where it must not: the socket is being closed for them.
    /// </summary>
    internal bool TakeIn(ReadOnlySpan<byte> bytes)
    {
        var fault = _frames.Take(bytes, _onFrame!);
        TimeMessage();
        if (fault == InboundFault.None) return true;
        // A socket is closed once: what comes after is skipped.
        if (fault == InboundFault.TooBig) _session!.OnTooBig();
        else _session!.OnTooManyFrames();
        return false;
    }

    /// <summary>What the protocol's reader writes (pings, pongs, closes): in line with the frames.</summary>
    internal void SendControl(ReadOnlySpan<byte> bytes) => Enqueue(new(bytes.ToArray()));

    private async ValueTask<bool> ReadMessageAsync(HubSession session, CancellationToken aborted)
    {
        // An idle socket waits here, without a buffer.
        var first = await _socket.ReceiveAsync(Memory<byte>.Empty, aborted);
        if (first.MessageType == WebSocketMessageType.Close) return false;
        var buffer = ArrayPool<byte>.Shared.Rent(1024);
        try
        {
            var length = 0;
            var ended = first.EndOfMessage;
            while (!ended)
            {
                if (length == buffer.Length) buffer = Grow(buffer);
                var read = await _socket.ReceiveAsync(buffer.AsMemory(length), aborted);
                if (read.MessageType == WebSocketMessageType.Close) return false;
                length += read.Count;
                ended = read.EndOfMessage;
            }
            if (_closing) return true;
            if (first.MessageType == WebSocketMessageType.Text) session.OnText(buffer.AsSpan(0, length));
            else session.OnBinary();
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Gives each message that is not complete with the bytes that began it so long to end.</summary>
    private void TimeMessage()
    {
        if (_frames.Open == _timed) return;
        _timed = _frames.Open;
        _messageTimeout ??= _time.CreateTimer(
            static c => ((SocketConnection)c!).Close(CloseCode.TooSlow, "message too slow"),
            this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _messageTimeout.Change(_timed is null ? Timeout.InfiniteTimeSpan : _options.MessageTimeout, Timeout.InfiniteTimeSpan);
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private void Close(WebSocketCloseStatus status, string reason)
    {
        lock (_gate)
        {
            if (_closing || _broken) return;
            _closing = true;
            // A slow reader gets no more of what waits: it will ask for it when it comes back.
            if ((int)status == (int)CloseCode.TooSlow) _queue.Clear();
        }
        if (status != WebSocketCloseStatus.NormalClosure) _metrics.ClosedByServer((int)status);
        _closeTimeout = _time.CreateTimer(static a => ((Action)a!)(), _abort, _options.CloseTimeout, Timeout.InfiniteTimeSpan);
        _ = CloseOutputAsync(status, reason);
    }

    private async Task CloseOutputAsync(WebSocketCloseStatus status, string reason)
    {
        try
        {
            await _socket.CloseOutputAsync(status, reason, CancellationToken.None);
        }
        catch (Exception exception)
            when (exception is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            _abort();
        }
    }

    private void Enqueue(OutgoingFrame frame)
    {
        lock (_gate)
        {
            if (_broken) return;
            if (_writing)
            {
                var before = _queue.Conflated;
                var fits = _queue.TryAdd(frame);
                if (_queue.Conflated > before) _metrics.Conflated(_queue.Conflated - before);
                if (fits) return;
            }
            else
            {
                // Within the lock, so that nobody else writes; a write that does not finish at once is finished elsewhere.
                _writing = true;
                Write(frame.Wire);
                return;
            }
        }
        Close(CloseCode.TooSlow, "too slow");
    }

    private void Write(ReadOnlyMemory<byte> bytes)
    {
        var pending = StartWrite(bytes);
        if (pending.IsCompletedSuccessfully)
        {
            pending.GetAwaiter().GetResult();
            _writing = false;
            return;
        }
        _ = FinishAsync(pending);
    }

    private ValueTask StartWrite(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return _transport.WriteAsync(bytes);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return ValueTask.FromException(exception);
        }
    }

    private async Task FinishAsync(ValueTask pending)
    {
        try
        {
            while (true)
            {
                await pending;
                IReadOnlyList<OutgoingFrame> frames;
                lock (_gate)
                {
                    frames = _queue.TakeAll();
                    _room?.TrySetResult();
                    _room = null;
                    if (frames.Count == 0)
                    {
                        _writing = false;
                        return;
                    }
                }
                if (frames.Count == 1)
                {
                    pending = _transport.WriteAsync(frames[0].Wire);
                    continue;
                }
                var length = frames.Sum(f => f.Wire.Length);
                var buffer = ArrayPool<byte>.Shared.Rent(length);
                try
                {
                    var at = 0;
                    foreach (var frame in frames)
                    {
                        frame.Wire.Span.CopyTo(buffer.AsSpan(at));
                        at += frame.Wire.Length;
                    }
                    await _transport.WriteAsync(buffer.AsMemory(0, length));
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
                pending = ValueTask.CompletedTask;
            }
        }
        catch (Exception exception)
            when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            Break();
            _abort();
        }
    }

    private async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task written;
            lock (_gate)
            {
                if (!_writing || _broken) return;
                _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                written = _room.Task;
            }
            await written.WaitQuietlyAsync().WaitAsync(cancellationToken);
        }
    }

    private void Break()
    {
        lock (_gate)
        {
            _broken = true;
            _queue.Clear();
            _room?.TrySetResult();
            _room = null;
        }
    }
}
