using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Chat.Core.Time;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Chat.Api.Hub.Sockets;

/// <summary>
/// Accepts connections, runs those that begin with a plain handshake, and hands all others on to the server, with nothing read from them.
/// </summary>
internal sealed partial class HandshakeListener : IConnectionListener
{
    // Of what comes after a client's close, which no client sends that speaks the protocol.
    private const int UnreadBytes = 64 * 1024;

    // Before the next try where one failed.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // For those that were cut: nothing of them is under way then but their own end.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(1);

    private readonly Socket _listening;
    private readonly PlainHandshakes _handshakes;
    private readonly SocketRunner _runner;
    private readonly TimeProvider _time;
    private readonly SocketTransportOptions _options;
    private readonly SocketConnectionContextFactory _connections;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<ConnectionContext> _others =
        Channel.CreateUnbounded<ConnectionContext>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Connections of which nobody knows yet what they are, and those that are run here; and one each for the listener itself.
    private int _undecided = 1;
    private int _running = 1;
    private CancellationToken _patience = new(canceled: true);

    public HandshakeListener(
        Socket listening,
        PlainHandshakes handshakes,
        SocketRunner runner,
        TimeProvider time,
        SocketTransportOptions options,
        ILoggerFactory loggers)
    {
        (_listening, _handshakes, _runner, _time, _options) = (listening, handshakes, runner, time, options);
        _logger = loggers.CreateLogger<HandshakeListener>();
        EndPoint = listening.LocalEndPoint!;
        _connections = new(
            new()
            {
                MaxReadBufferSize = options.MaxReadBufferSize,
                MaxWriteBufferSize = options.MaxWriteBufferSize,
                IOQueueCount = options.IOQueueCount,
                UnsafePreferInlineScheduling = options.UnsafePreferInlineScheduling,
                WaitForDataBeforeAllocatingBuffer = options.WaitForDataBeforeAllocatingBuffer,
            },
            loggers.CreateLogger("Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets"));
        // Sockets are not part of what started the server: nothing of its context goes along with them.
        ThreadPool.UnsafeQueueUserWorkItem(static listener => _ = listener.AcceptAllAsync(), this, preferLocal: false);
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _others.Reader.WaitToReadAsync(cancellationToken) && _others.Reader.TryRead(out var connection) ? connection : null;

    /// <summary>
    /// Takes no more connections. Not here are the sockets waited for that are open: until this has ended, the server tells none of its own
    /// connections to close.
    /// </summary>
    /// <param name="cancellationToken">How long to wait for them in <see cref="DisposeAsync"/>.</param>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (_stopping.IsCancellationRequested) return;
        _patience = cancellationToken;
        await _stopping.CancelAsync();
        _listening.Dispose();
        Decided();
        Leave();
    }

    /// <summary>Waits for the sockets that are open here, as long as the server's patience lasts, and cuts what is left of them.</summary>
    public async ValueTask DisposeAsync()
    {
        await UnbindAsync(new(canceled: true));
        try
        {
            await _ended.Task.WaitAsync(_patience);
        }
        catch (OperationCanceledException)
        {
            foreach (var (socket, _) in _open) socket.Close(timeout: 0);
            await _ended.Task.WaitAsync(TimeToEnd, _time).WaitQuietlyAsync();
        }
        while (_others.Reader.TryRead(out var connection)) await connection.DisposeAsync();
        _connections.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        while (true)
        {
            try
            {
                var socket = await _listening.AcceptAsync();
                Interlocked.Increment(ref _undecided);
                Interlocked.Increment(ref _running);
                _ = RunAsync(socket);
            }
            catch (Exception exception) when (exception is ObjectDisposedException
                || exception is SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                // Nothing listens any more.
                return;
            }
            catch (SocketException exception)
                when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // It left before it was accepted.
            }
#pragma warning disable CA1031 // Whatever is wrong, as too few descriptors are: a server that accepts no more is none.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogAcceptFailed(exception, Pause);
                await Task.Delay(Pause, _time, _stopping.Token).WaitQuietlyAsync();
            }
        }
    }

    private async Task RunAsync(Socket socket)
    {
        _open[socket] = true;
        try
        {
            if (await TryOpenAsync(socket) is not { } opened) return;
            await _runner.RunAsync(opened.Client, new SocketWire(socket), opened.Answer, CancellationToken.None);
            Close(socket);
        }
#pragma warning disable CA1031 // One connection's failure is not the others'.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            socket.Dispose();
            LogFailed(exception);
        }
        finally
        {
            _open.TryRemove(socket, out _);
            Leave();
        }
    }

    /// <summary>What was opened; null where the socket is the server's, or the peer gone.</summary>
    private async ValueTask<OpenedSocket?> TryOpenAsync(Socket socket)
    {
        try
        {
            socket.NoDelay = _options.NoDelay;
            // Nothing that is read or sent here, or by who is handed the socket, waits on the thread that asks for it.
            socket.Blocking = false;
            var (opened, verdict) = await _handshakes.TryOpenAsync(socket, _stopping.Token);
            if (opened is null) await HandOnAsync(socket, verdict);
            return opened;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            return null;
        }
        finally
        {
            Decided();
        }
    }

    // A connection that is closed with bytes unread is reset, and what was sent last may never be seen.
    private static void Close(Socket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(UnreadBytes);
        try
        {
            socket.Shutdown(SocketShutdown.Send);
            socket.Receive(buffer, 0, buffer.Length, SocketFlags.None, out _);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer is gone, or was cut off.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        socket.Dispose();
    }

    private async ValueTask HandOnAsync(Socket socket, SocketVerdict? verdict)
    {
        var connection = _connections.Create(socket);
        if (verdict is not null) connection.Features.Set(verdict);
        if (!_others.Writer.TryWrite(connection)) await connection.DisposeAsync();
    }

    private void Decided()
    {
        if (Interlocked.Decrement(ref _undecided) == 0) _others.Writer.TryComplete();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0) _ended.TrySetResult();
    }

    [LoggerMessage(
        EventId = LogEvents.AcceptFailed, Level = LogLevel.Warning, Message = "A connection could not be accepted; next try in {Pause}")]
    private partial void LogAcceptFailed(Exception exception, TimeSpan pause);

    [LoggerMessage(EventId = LogEvents.ConnectionFailed, Level = LogLevel.Error, Message = "A connection failed")]
    private partial void LogFailed(Exception exception);
}
