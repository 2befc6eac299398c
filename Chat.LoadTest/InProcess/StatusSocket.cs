using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Chat.LoadTest.InProcess;

/// <summary>A frame from the hub, as far as a measurement looks at it.</summary>
internal readonly record struct HubFrame(string Type, Guid Conversation, Guid Message, string? Status, long Seq, bool? Recovered);

/// <summary>One client's socket: subscribes, and hands over every frame with its length in bytes.</summary>
internal sealed class StatusSocket(Uri api, string token) : IDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _buffer = new byte[16 * 1024];

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        _socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await _socket.ConnectAsync(new UriBuilder(new Uri(api, "/ws/status")) { Scheme = "ws" }.Uri, cancellationToken);
    }

    public Task SubscribeAsync(Guid conversation, long? since, CancellationToken cancellationToken)
    {
        var tail = since is { } seq ? $",\"since\":{seq}" : "";
        var frame = $$"""{"type":"subscribe","conversationId":"{{conversation:D}}"{{tail}}}""";
        return _socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, cancellationToken);
    }

    /// <summary>Reads until the server closes or <paramref name="take"/> answers false.</summary>
    /// <param name="bytesPerSecond">How fast it reads at most; 0 for as fast as it can.</param>
    /// <returns>Null where <paramref name="take"/> ended it; else what the server closed it with.</returns>
    public async Task<string?> ReadAsync(Func<HubFrame, int, bool> take, CancellationToken cancellationToken, int bytesPerSecond = 0)
    {
        var started = TimeProvider.System.GetTimestamp();
        long read = 0;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(_buffer.AsMemory(), cancellationToken);
                if (received.MessageType == WebSocketMessageType.Close) return $"{(int?)_socket.CloseStatus} {_socket.CloseStatusDescription}";
                if (!received.EndOfMessage) throw new InvalidOperationException("A frame is larger than any of the protocol's.");
                if (!take(Parse(_buffer.AsSpan(0, received.Count)), received.Count)) return null;
                read += received.Count;
                if (bytesPerSecond == 0) continue;
                var early = TimeSpan.FromSeconds((double)read / bytesPerSecond) - TimeProvider.System.GetElapsedTime(started);
                if (early > TimeSpan.FromMilliseconds(15)) await Task.Delay(early, cancellationToken);
            }
        }
        catch (WebSocketException exception)
        {
            return exception.Message;
        }
    }

    public void Dispose()
    {
        _socket.Abort();
        _socket.Dispose();
    }

    private static HubFrame Parse(ReadOnlySpan<byte> json)
    {
        var frame = new HubFrame("", default, default, null, 0, null);
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
            if (reader.ValueTextEquals("type"u8) && reader.Read()) frame = frame with { Type = reader.GetString()! };
            else if (reader.ValueTextEquals("conversationId"u8) && reader.Read()) frame = frame with { Conversation = reader.GetGuid() };
            else if (reader.ValueTextEquals("messageId"u8) && reader.Read()) frame = frame with { Message = reader.GetGuid() };
            else if (reader.ValueTextEquals("status"u8) && reader.Read()) frame = frame with { Status = reader.GetString() };
            else if (reader.ValueTextEquals("seq"u8) && reader.Read()) frame = frame with { Seq = reader.GetInt64() };
            else if (reader.ValueTextEquals("recovered"u8) && reader.Read()) frame = frame with { Recovered = reader.GetBoolean() };
        }
        return frame;
    }
}
