using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Chat.Tests.Described;

namespace Chat.Tests.Graph;

/// <summary>A client of the WebSocket that shares no code with the product: it sends what it is told and keeps what comes.</summary>
public sealed class TestSocket : IAsyncDisposable
{
    private readonly ClientWebSocket _socket;
    private readonly CancellationTokenSource _closing = new();
    private readonly Channel<JsonElement> _frames = Channel.CreateUnbounded<JsonElement>();
    private readonly Task _reading;

    private TestSocket(ClientWebSocket socket)
    {
        _socket = socket;
        _reading = ReadAllAsync();
    }

    /// <summary>The code that the server closed with; null while it is open, or where it just went away.</summary>
    public int? CloseCode { get; private set; }

    /// <summary>Opens a socket, the token in the query as browsers have to do it, or in the header.</summary>
    /// <exception cref="RefusedException">The server answered something else than the upgrade.</exception>
    public static async Task<TestSocket> OpenAsync(Uri api, string? token, bool inHeader = false)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (inHeader) socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        var query = token is null || inHeader ? "" : $"?access_token={Uri.EscapeDataString(token)}";
        var address = new UriBuilder(new Uri(api, $"/ws/status{query}")) { Scheme = api.Scheme == "https" ? "wss" : "ws" };
        try
        {
            using var deadline = Deadline();
            await socket.ConnectAsync(address.Uri, deadline.Token);
        }
        catch (WebSocketException exception)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            throw new RefusedException(status, exception);
        }
        return new(socket);
    }

    /// <summary>The frames that came and were not taken yet; it completes when the socket is closed.</summary>
    public ChannelReader<JsonElement> Frames => _frames.Reader;

    public Task SendAsync(object frame) => SendTextAsync(JsonSerializer.Serialize(frame));

    public Task SendTextAsync(string text) => SendBytesAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes, WebSocketMessageType type, bool end = true)
    {
        if (type == WebSocketMessageType.Text && end) AsyncApiDescription.Current.NoteFromClient(bytes.Span);
        using var deadline = Deadline();
        await _socket.SendAsync(bytes, type, end, deadline.Token);
    }

    /// <summary>The next frame, whatever it is.</summary>
    /// <exception cref="ChannelClosedException">The socket is closed, and every frame was taken.</exception>
    public async Task<JsonElement> NextAsync()
    {
        using var deadline = Deadline();
        return await _frames.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>The next frame, which has to be of a type.</summary>
    public async Task<JsonElement> ExpectAsync(string type)
    {
        var frame = await NextAsync();
        Assert.True(frame.Is(type), $"expected {type}, got {frame}");
        return frame;
    }

    /// <summary>Subscribes, and waits for the answer.</summary>
    /// <param name="events">What it wants to get; the server's choice where there are none.</param>
    public async Task<JsonElement> SubscribeAsync(Guid conversation, long? since = null, params string[] events)
    {
        var frame = new Dictionary<string, object> { ["type"] = "subscribe", ["conversationId"] = conversation };
        if (since is { } seq) frame.Add("since", seq);
        if (events.Length > 0) frame.Add("events", events);
        await SendAsync(frame);
        var answer = await ExpectAsync("subscribed");
        Assert.Equal(conversation, answer.Id("conversationId"));
        return answer;
    }

    /// <summary>Every frame that the server had for this socket by now: what comes before the answer to a ping.</summary>
    public async Task<IReadOnlyList<JsonElement>> DrainAsync()
    {
        await SendAsync(new { type = "ping" });
        var frames = new List<JsonElement>();
        while (true)
        {
            var frame = await NextAsync();
            if (frame.Is("pong")) return frames;
            frames.Add(frame);
        }
    }

    /// <summary>Waits until the socket is closed, by whom ever.</summary>
    public Task WaitForCloseAsync() => _reading.WaitAsync(Until.Deadline, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reading;
        _socket.Dispose();
        _closing.Dispose();
    }

    private async Task ReadAllAsync()
    {
        var buffer = new byte[16 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(), _closing.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    CloseCode = (int?)_socket.CloseStatus;
                    if (_socket.CloseStatus > WebSocketCloseStatus.NormalClosure) AsyncApiDescription.Current.CheckClose(CloseCode!.Value);
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _closing.Token);
                    return;
                }
                message.Write(buffer.AsSpan(0, received.Count));
                if (!received.EndOfMessage) continue;
                var frame = JsonElement.Parse(message.ToArray());
                AsyncApiDescription.Current.CheckFromServer(frame);
                await _frames.Writer.WriteAsync(frame);
                message.SetLength(0);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // Disposed, or the server is gone.
        }
        catch (Xunit.Sdk.XunitException undescribed)
        {
            // For who waits for the frame; else for who disposes of the socket.
            _frames.Writer.TryComplete(undescribed);
            throw;
        }
        finally
        {
            _frames.Writer.TryComplete();
        }
    }

    private static CancellationTokenSource Deadline()
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Until.Deadline);
        return deadline;
    }
}

/// <summary>The server did not upgrade.</summary>
public sealed class RefusedException(HttpStatusCode status, Exception inner) : Exception($"The server answered {(int)status}.", inner)
{
    public HttpStatusCode Status { get; } = status;
}
