using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;

namespace Chat.Client.Connections;

/// <summary>
/// One WebSocket of the protocol: text frames in, text frames out, no decisions. Usable by itself where no reconnect is wanted.
/// </summary>
public sealed class StatusSocket : IDisposable
{
    private const string Protocol = "chat.v1";

    // Far beyond any frame of the protocol: what is longer is not from such a server.
    private const int MaxFrameBytes = 4 * 1024 * 1024;
    private const int ReadBytes = 16 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly ArrayBufferWriter<byte> _frame = new(ReadBytes);
    private readonly Channel<string> _outgoing = Channel.CreateUnbounded<string>(new() { SingleReader = true });
    private Task _writing = Task.CompletedTask;

    /// <summary>The code that the server closed with; null while it is open, or where the connection just broke.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    /// <summary>The words that the server closed with.</summary>
    public string? CloseReason => _socket.CloseStatusDescription;

    /// <summary>Opens it. The token goes in a header, or is offered as a subprotocol, so that no log of addresses has it.</summary>
    /// <param name="address">Where a server is: <c>http://localhost:5000</c>.</param>
    /// <param name="token">A JWT.</param>
    /// <param name="configure">A proxy, certificates, headers.</param>
    /// <param name="tokenAsProtocol">Whether the token is offered as a subprotocol.</param>
    /// <param name="invoker">What makes the connection; null for a handler of the socket's own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StatusSocketRefusedException">The server answered something else than the upgrade.</exception>
    /// <exception cref="WebSocketException">The server couldn't be reached.</exception>
    public async Task OpenAsync(
        Uri address,
        string token,
        Action<ClientWebSocketOptions>? configure = null,
        bool tokenAsProtocol = false,
        HttpMessageInvoker? invoker = null,
        CancellationToken cancellationToken = default)
    {
        if (tokenAsProtocol)
        {
            _socket.Options.AddSubProtocol(Protocol);
            // Of a JWT, the token itself; anything else could not be offered, and is refused as it is.
            _socket.Options.AddSubProtocol($"bearer.{Uri.EscapeDataString(token)}");
        }
        else
        {
            _socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        }
        _socket.Options.CollectHttpResponseDetails = true;
        _socket.Options.KeepAliveInterval = TimeSpan.Zero; // the protocol's own pings do it
        configure?.Invoke(_socket.Options);
        try
        {
            await _socket.ConnectAsync(new ChatAddress(address).Socket, invoker, cancellationToken);
        }
        catch (WebSocketException exception) when (_socket.HttpStatusCode is >= HttpStatusCode.BadRequest and var status)
        {
            throw new StatusSocketRefusedException(status, RetryAfter(_socket.HttpResponseHeaders), exception);
        }
        _socket.HttpResponseHeaders = null;
        _writing = WriteAsync();
    }

    /// <summary>Sends a frame after those sent before; nothing where it is closed.</summary>
    public void Send(string frame) => _outgoing.Writer.TryWrite(frame);

    /// <summary>The next frame, valid until the next call; null where the server closed.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        _frame.ResetWrittenCount();
        while (true)
        {
            var received = await _socket.ReceiveAsync(_frame.GetMemory(ReadBytes), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close) return null;
            _frame.Advance(received.Count);
            if (_frame.WrittenCount > MaxFrameBytes) throw new WebSocketException("A frame is larger than the protocol's.");
            if (received.EndOfMessage) return _frame.WrittenMemory;
        }
    }

    /// <summary>
    /// Sends what waits, and says that it ends. The server's answer is the end of what <see cref="ReadAsync"/> gives.
    /// </summary>
    public async Task CloseAsync(int code, CancellationToken cancellationToken)
    {
        _outgoing.Writer.TryComplete();
        try
        {
            await _writing.WaitAsync(cancellationToken);
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await _socket.CloseOutputAsync((WebSocketCloseStatus)code, null, cancellationToken);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The server is gone, or doesn't care.
        }
    }

    /// <summary>Ends it at once.</summary>
    public void Dispose()
    {
        _outgoing.Writer.TryComplete();
        _socket.Abort();
        _socket.Dispose();
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var frame in _outgoing.Reader.ReadAllAsync())
            {
                var bytes = Encoding.UTF8.GetBytes(frame);
                await _socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }
        }
        catch (Exception exception)
            when (exception is WebSocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The reader hears of it as well, and tells.
            _outgoing.Writer.TryComplete();
        }
    }

    private static TimeSpan? RetryAfter(IReadOnlyDictionary<string, IEnumerable<string>>? headers) =>
        headers is not null
        && headers.TryGetValue("Retry-After", out var values)
        && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
}

/// <summary>The server answered something else than the upgrade.</summary>
/// <param name="status">What it answered.</param>
/// <param name="retryAfter">How long it wants to be left alone.</param>
/// <param name="inner">What the socket made of it.</param>
public sealed class StatusSocketRefusedException(HttpStatusCode status, TimeSpan? retryAfter, Exception inner)
    : Exception($"The server answered {(int)status}.", inner)
{
    /// <summary>What the server answered.</summary>
    public HttpStatusCode Status { get; } = status;

    /// <summary>How long it wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}
