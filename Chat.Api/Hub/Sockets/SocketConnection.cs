using System.Buffers;
using System.Net.Sockets;
using System.Net.WebSockets;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sessions;
using Chat.Core.Time;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// One socket: a reader of its frames and one writer for everything that is sent. A frame for an idle socket is written by the thread
/// that sends it; frames that come while a write is under way wait and are written together in the next one.
/// </summary>
public sealed class SocketConnection : IFrameSink, IInboundFrames
{
    // What is written at once, so that a slow reader is told from one that takes nothing.
    private const int PieceBytes = 64 * 1024;

    private static readonly OutgoingFrame Ping = OutgoingFrame.Ping();

    private readonly Lock _gate = new();
    private readonly HubOptions _options;
    private readonly TimeProvider _time;
    private readonly HubMetrics _metrics;
    private readonly IWire _wire;
    // Neither is there while nothing comes in and nothing waits to go out, as in an idle socket.
    private FrameReader? _reader;
    private SendQueue? _queue;
    private HubSession? _session;
    private long? _timed;
    private ITimer? _messageTimeout;
    private TaskCompletionSource? _room;
    private ITimer? _closeTimeout;
    private long _heard;
    private long? _pinged;
    private long _writingSince;
    private InboundFault _fault;
    private bool _holding;
    private bool _ended;
    private bool _writing;
    private bool _closing;
    private bool _broken;

    /// <param name="first">Bytes that go out before everything else, with the first frame.</param>
    public SocketConnection(
        IWire wire, HubOptions options, TimeProvider time, HubMetrics metrics, ReadOnlyMemory<byte> first = default)
    {
        (_wire, _options, _time, _metrics) = (wire, options, time, metrics);
        _heard = time.GetTimestamp();
        if (first.IsEmpty) return;
        _holding = _writing = true;
        TryQueue(new(first));
    }

    /// <summary>The code of the client's close; null where it gave none, or has not closed.</summary>
    public int? CodeOfPeer { get; private set; }

    /// <inheritdoc/>
    public void Send(OutgoingFrame frame)
    {
        lock (_gate)
        {
            if (_closing || _broken || TryEnqueue(frame)) return;
        }
        Close(CloseCode.TooSlow, "too slow");
    }

    /// <inheritdoc/>
    public void Send(OutgoingBatch batch)
    {
        lock (_gate)
        {
            if (_closing || _broken) return;
            if (!_writing)
            {
                StartWriting(batch.Wire);
                return;
            }
            var fits = true;
            foreach (var frame in batch.Frames) fits = fits && TryEnqueue(frame);
            if (fits) return;
        }
        Close(CloseCode.TooSlow, "too slow");
    }

    /// <inheritdoc/>
    public void Close(CloseCode code, string reason) => Close((int)code, reason, byServer: true);

    /// <inheritdoc/>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_broken || _queue is null || _queue.Bytes < _options.ConflateAboveBytes / 2) return ValueTask.CompletedTask;
            _room ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return new(_room.Task.WaitQuietlyAsync().WaitAsync(cancellationToken));
        }
    }

    /// <summary>Reads until the socket is closed by either side, and then waits for what is on its way out.</summary>
    public async Task ReadAsync(HubSession session, CancellationToken aborted)
    {
        _session = session;
        Release();
        try
        {
            while (true)
            {
                // An idle socket waits here, without a buffer.
                var read = await _wire.Input.ReadAsync(aborted);
                foreach (var part in read.Buffer) TakeIn(part.Span);
                _wire.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || read.IsCanceled || _reader is { IsClosed: true }) break;
                if (_ended || _fault is not (InboundFault.Broken or InboundFault.NotUtf8)) continue;
                // Who broke the protocol may not know how to close either: nothing is waited for but what it has still sent.
                _ended = true;
                await DrainAsync(aborted);
                _wire.EndOutput();
            }
            await DrainAsync(aborted);
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The peer is gone.
        }
        finally
        {
            Break();
            _reader?.Discard();
            if (_closeTimeout is { } timeout) await timeout.DisposeAsync();
            if (_messageTimeout is { } message) await message.DisposeAsync();
        }
    }

    /// <summary>
    /// Pings a peer that has been silent for <see cref="HubOptions.KeepAliveInterval"/>, and cuts it off where it stays so for
    /// <see cref="HubOptions.KeepAliveTimeout"/> after that; closes one that takes nothing for <see cref="HubOptions.WriteTimeout"/>,
    /// whatever it sends. For <see cref="KeepAlive"/>, which calls it for all sockets in turn.
    /// </summary>
    internal void PingOrCut()
    {
        lock (_gate)
        {
            if (_closing || _broken || _holding) return;
            if (!_writing)
            {
                PingOrCutSilent();
                return;
            }
            // As long as it takes something it is there.
            if (_time.GetElapsedTime(_writingSince) < _options.WriteTimeout) return;
        }
        Close(CloseCode.TooSlow, "too slow");
    }

    // Under the lock, without which the connection could end meanwhile.
    private void PingOrCutSilent()
    {
        if (_time.GetElapsedTime(_heard) < _options.KeepAliveInterval) return;
        if (_pinged is not { } pinged)
        {
            _pinged = _time.GetTimestamp();
            TryEnqueue(Ping);
        }
        else if (_time.GetElapsedTime(pinged) >= _options.KeepAliveTimeout)
        {
            _wire.Abort();
        }
    }

    bool IInboundFrames.OnFrame() => _session!.OnFrame();

    void IInboundFrames.OnMessage(bool isText, ReadOnlySpan<byte> payload)
    {
        if (_closing) return;
        if (isText) _session!.OnText(payload);
        else _session!.OnBinary();
    }

    void IInboundFrames.OnPing(ReadOnlySpan<byte> payload)
    {
        if (!_closing) Enqueue(OutgoingFrame.Pong(payload));
    }

    void IInboundFrames.OnPong()
    {
        // That something came is all that a pong says.
    }

    void IInboundFrames.OnClose(int? code)
    {
        CodeOfPeer = code;
        Close(code ?? (int)WebSocketCloseStatus.NormalClosure, reason: "", byServer: false);
    }

    private void TakeIn(ReadOnlySpan<byte> bytes)
    {
        lock (_gate) (_heard, _pinged) = (_time.GetTimestamp(), null);
        var reader = _reader ??= new(_options.MaxInboundBytes, _options.MaxFragments);
        var fault = reader.Take(bytes, this);
        TimeMessage(reader);
        if (fault == InboundFault.None && reader.Open is null && !reader.IsClosed) _reader = null;
        // A socket is closed once: what comes after is skipped, up to the peer's close, so that it gets ours rather than a reset.
        if (_fault != InboundFault.None) return;
        _fault = fault;
        switch (fault)
        {
            case InboundFault.TooBig:
                _session!.OnTooBig();
                break;
            case InboundFault.TooManyFrames:
                _session!.OnTooManyFrames();
                break;
            case InboundFault.Broken:
                Close((int)WebSocketCloseStatus.ProtocolError, "protocol error", byServer: true);
                break;
            case InboundFault.NotUtf8:
                Close((int)WebSocketCloseStatus.InvalidPayloadData, "no UTF-8", byServer: true);
                break;
        }
    }

    /// <summary>Gives each message that is not complete with the bytes that began it so long to end.</summary>
    private void TimeMessage(FrameReader reader)
    {
        if (reader.Open == _timed) return;
        _timed = reader.Open;
        _messageTimeout ??= _time.CreateTimer(
            static c => ((SocketConnection)c!).Close(CloseCode.TooSlow, "message too slow"),
            this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _messageTimeout.Change(_timed is null ? Timeout.InfiniteTimeSpan : _options.MessageTimeout, Timeout.InfiniteTimeSpan);
    }

    private void Close(int code, string reason, bool byServer)
    {
        lock (_gate)
        {
            if (_closing || _broken) return;
            _closing = true;
            // A slow reader gets no more of what waits: it will ask for it when it comes back.
            if (code == (int)CloseCode.TooSlow && !_holding) _queue = null;
            _closeTimeout = _time.CreateTimer(
                static w => ((IWire)w!).Abort(), _wire, _options.CloseTimeout, Timeout.InfiniteTimeSpan);
            // With the lock: the peer may close at the same time, and what is not on its way when its close is read never is.
            TryEnqueue(OutgoingFrame.Close(code, reason));
        }
        if (byServer) _metrics.ClosedByServer(code);
    }

    private void Enqueue(OutgoingFrame frame)
    {
        lock (_gate)
        {
            if (_broken || TryEnqueue(frame)) return;
        }
        Close(CloseCode.TooSlow, "too slow");
    }

    /// <summary>Writes a frame, or lets it wait; false where too much waits. Under the lock.</summary>
    private bool TryEnqueue(OutgoingFrame frame)
    {
        if (!_writing)
        {
            StartWriting(frame.Wire);
            return true;
        }
        return TryQueue(frame);
    }

    private bool TryQueue(OutgoingFrame frame)
    {
        var queue = _queue ??= new(_options.ConflateAboveBytes, _options.MaxQueuedBytes);
        var before = queue.Conflated;
        var fits = queue.TryAdd(frame);
        if (queue.Conflated > before) _metrics.Conflated(queue.Conflated - before);
        return fits;
    }

    /// <summary>Writes what was held back until the session had begun.</summary>
    private void Release()
    {
        if (_holding) _ = FinishAsync(ValueTask.CompletedTask);
    }

    // Under the lock, so that nobody else writes; a write that does not finish at once is finished elsewhere.
    private void StartWriting(ReadOnlyMemory<byte> bytes)
    {
        _writing = true;
        var pending = StartWrite(bytes);
        if (pending.IsCompletedSuccessfully)
        {
            pending.GetAwaiter().GetResult();
            _writing = false;
            return;
        }
        _writingSince = _time.GetTimestamp();
        _ = FinishAsync(pending);
    }

    private ValueTask StartWrite(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return _wire.WriteAsync(bytes);
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
            await pending;
            while (true)
            {
                IReadOnlyList<OutgoingFrame> frames;
                lock (_gate)
                {
                    frames = _queue?.TakeAll() ?? [];
                    (_holding, _writingSince) = (false, _time.GetTimestamp());
                    _room?.TrySetResult();
                    _room = null;
                    if (frames.Count == 0)
                    {
                        _queue = null;
                        _writing = false;
                        return;
                    }
                }
                if (frames.Count == 1)
                {
                    await WriteInPiecesAsync(frames[0].Wire);
                    continue;
                }
                var length = OutgoingBatch.LengthOf(frames);
                var buffer = ArrayPool<byte>.Shared.Rent(length);
                try
                {
                    OutgoingBatch.Join(frames, buffer);
                    await WriteInPiecesAsync(buffer.AsMemory(0, length));
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        catch (Exception exception)
            when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            Break();
            _wire.Abort();
        }
    }

    private async ValueTask WriteInPiecesAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            lock (_gate) _writingSince = _time.GetTimestamp();
            var piece = bytes[..Math.Min(PieceBytes, bytes.Length)];
            await _wire.WriteAsync(piece);
            bytes = bytes[piece.Length..];
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
            _queue = null;
            _room?.TrySetResult();
            _room = null;
        }
    }
}
