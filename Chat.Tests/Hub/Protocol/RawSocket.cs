using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Chat.Tests.Described;

namespace Chat.Tests.Hub.Protocol;

/// <summary>A client that sends the bytes it is told to, handshake and frames, and puts what comes back into words.</summary>
internal sealed class RawSocket : IAsyncDisposable
{
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly IDisposable _connection;
    private readonly Stream _stream;

    private RawSocket(IDisposable connection, Stream stream) => (_connection, _stream) = (connection, stream);

    /// <summary>What the server answered to the handshake, without the empty line.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>An open socket, whose <c>connected</c> was read.</summary>
    /// <param name="more">Header lines more of its handshake, each with its CRLF.</param>
    public static async Task<RawSocket> OpenAsync(Uri api, string token, string more = "")
    {
        var socket = await SendAsync(api, Handshake(api, token, more));
        Assert.StartsWith("HTTP/1.1 101 ", socket.Answer, StringComparison.Ordinal);
        Assert.Equal("connected", await socket.NextAsync());
        return socket;
    }

    /// <summary>A connection on which bytes were sent, and the head of the answer read.</summary>
    public static async Task<RawSocket> SendAsync(Uri api, string head)
    {
        var socket = await ConnectAsync(api);
        await socket.SendAsync(Encoding.Latin1.GetBytes(head));
        await socket.ReadAnswerAsync();
        return socket;
    }

    /// <param name="from">The client's own address; null for any.</param>
    public static async Task<RawSocket> ConnectAsync(Uri api, IPAddress? from = null)
    {
        var tcp = new TcpClient(new IPEndPoint(from ?? IPAddress.Any, 0)) { NoDelay = true };
        await tcp.ConnectAsync(api.Host, api.Port, Cancellation);
        return new(tcp, tcp.GetStream());
    }

    /// <summary>An open socket in a stream of an HTTP/2 connection (RFC 8441), whose <c>connected</c> was read.</summary>
    public static async Task<RawSocket> OpenOverHttp2Async(Uri api, string token)
    {
        var http = new HttpMessageInvoker(new SocketsHttpHandler());
        var response = await http.SendAsync(ExtendedConnect(api, token), Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("chat.v1", Assert.Single(response.Headers.GetValues("Sec-WebSocket-Protocol")));
        var socket = new RawSocket(http, await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("connected", await socket.NextAsync());
        return socket;
    }

    public static HttpRequestMessage ExtendedConnect(Uri api, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Connect, new Uri(api, $"/ws/status?access_token={Uri.EscapeDataString(token)}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Protocol = "websocket";
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Protocol", "chat.v1");
        return request;
    }

    /// <param name="more">Header lines more, each with its CRLF.</param>
    public static string Handshake(Uri api, string token, string more = "", string path = "/ws/status") =>
        $"GET {path}?access_token={Uri.EscapeDataString(token)} HTTP/1.1\r\nHost: {api.Authority}\r\nConnection: Upgrade\r\n"
        + $"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Key}\r\n{more}\r\n";

    public async Task SendAsync(byte[] bytes)
    {
        await _stream.WriteAsync(bytes, Cancellation);
        await _stream.FlushAsync(Cancellation);
    }

    /// <summary>Reads up to the empty line that ends the head of an answer.</summary>
    public async Task ReadAnswerAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await ReadAsync(one) == 0) break;
            head.Append((char)one[0]);
        }
        Answer = head.ToString();
    }

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset() => ((TcpClient)_connection).Client.Close(timeout: 0);

    /// <summary>Everything up to the end of the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        int read;
        while ((read = await ReadAsync(buffer)) > 0) text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        return text.ToString();
    }

    /// <summary>
    /// The next frame: the JSON's <c>type</c>, of an <c>error</c> its code too; <c>PONG</c> and <c>PING</c> with their payload in hex;
    /// <c>close</c> with its code; <c>end</c> where the connection is over.
    /// </summary>
    public async Task<string> NextAsync()
    {
        var header = new byte[2];
        if (!await TryFillAsync(header)) return "end";
        // Neither fragments nor extensions nor a mask: nothing the server has a use for.
        Assert.Equal(0x80, header[0] & 0xF0);
        var length = header[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await FillAsync(2)),
            127 => (int)BinaryPrimitives.ReadInt64BigEndian(await FillAsync(8)),
            var small => small,
        };
        var payload = await FillAsync(length);
        return (header[0] & 0x0F) switch
        {
            ClientFrames.TextFrame => Name(JsonElement.Parse(payload)),
            ClientFrames.Close => length == 0 ? "close" : Name(BinaryPrimitives.ReadUInt16BigEndian(payload)),
            ClientFrames.Ping => $"PING {Convert.ToHexString(payload)}",
            ClientFrames.Pong => $"PONG {Convert.ToHexString(payload)}",
            var other => $"opcode {other}",
        };
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string Name(JsonElement frame)
    {
        AsyncApiDescription.Current.CheckFromServer(frame);
        var type = frame.GetProperty("type").GetString()!;
        return type == "error" ? $"error {frame.GetProperty("code").GetString()}" : type;
    }

    // A client's own code comes back, whichever that is.
    private static string Name(int closeCode)
    {
        if (AsyncApiDescription.Current.CloseCodes.Contains(closeCode)) AsyncApiDescription.Current.CheckClose(closeCode);
        return $"close {closeCode}";
    }

    private async Task<byte[]> FillAsync(int length)
    {
        var bytes = new byte[length];
        Assert.True(await TryFillAsync(bytes), "The connection ended within a frame");
        return bytes;
    }

    private async Task<bool> TryFillAsync(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var read = await ReadAsync(bytes.AsMemory(at));
            if (read == 0) return false;
            at += read;
        }
        return true;
    }

    private async Task<int> ReadAsync(Memory<byte> buffer)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(Deadline);
        try
        {
            return await _stream.ReadAsync(buffer, deadline.Token);
        }
        catch (IOException)
        {
            // Reset, and not just ended.
            return 0;
        }
    }
}
