using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Chat.Tests.Browser;

/// <summary>The server's end of one socket.</summary>
internal sealed class FakeSocket(WebSocket socket, HttpContext context) : IDisposable
{
    private readonly ConcurrentQueue<JsonObject> _received = [];
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Lock _gate = new();
    private bool _ended;

    /// <summary>What <c>subscribed.seq</c> says.</summary>
    public long Head { get; set; } = 100;

    /// <summary>The client's frames, in order.</summary>
    public IReadOnlyList<JsonObject> Received => [.. _received];

    /// <summary>What the client closed with; null while it has not.</summary>
    public int? ClientsCloseCode { get; private set; }

    public IEnumerable<JsonObject> ReceivedOf(string type) => _received.Where(f => (string?)f["type"] == type);

    /// <summary>The client's first frame of a type, once it is there.</summary>
    public async Task<JsonObject> ReceivedAsync(string type)
    {
        await Graph.Until.TrueAsync(() => ReceivedOf(type).Any(), $"the client sends {type}");
        return ReceivedOf(type).First();
    }

    public async Task SendAsync(object frame)
    {
        await _sending.WaitAsync();
        try
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(frame, JsonSerializerOptions.Web);
            await socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    public Task SendStatusAsync(string conversationId, string messageId, string status, long? seq = null, string? reason = null)
    {
        var frame = new JsonObject
        {
            ["type"] = "message.status",
            ["messageId"] = messageId,
            ["conversationId"] = conversationId,
            ["status"] = status,
            ["channel"] = "whatsapp",
            ["timestamp"] = "2025-01-15T10:30:10.000Z",
        };
        if (reason is not null) frame["reason"] = reason;
        if (seq is not null) frame["seq"] = seq;
        return SendAsync(frame);
    }

    /// <param name="item">As on a page; what became of the message does not go along.</param>
    public Task SendMessageAsync(JsonObject item, long seq)
    {
        var message = (JsonObject)item.DeepClone();
        foreach (var name in (string[])["status", "facts", "reason"]) message.Remove(name);
        return SendAsync(new JsonObject
        {
            ["type"] = "message.created",
            ["conversationId"] = (string?)item["conversationId"],
            ["timestamp"] = (string?)item["createdAt"],
            ["message"] = message,
            ["seq"] = seq,
        });
    }

    public Task SendSubscribedAsync(string conversationId, long seq, bool? recovered = null)
    {
        var frame = new JsonObject
        {
            ["type"] = "subscribed",
            ["conversationId"] = conversationId,
            ["timestamp"] = "2025-01-15T10:30:05.000Z",
            ["seq"] = seq,
        };
        if (recovered is not null) frame["recovered"] = recovered;
        return SendAsync(frame);
    }

    /// <summary>The conversation is somebody else's.</summary>
    public Task SendForbiddenAsync(string conversationId) => SendAsync(
        new { type = "error", message = "conversa de outra organização", code = "forbidden", retryable = false, conversationId });

    /// <summary>The conversation can't be shown now.</summary>
    public Task SendUnavailableAsync(string conversationId) => SendAsync(
        new { type = "error", message = "tente de novo", code = "unavailable", retryable = true, conversationId });

    /// <summary>As a server in good order answers, that still has all that the client missed.</summary>
    public async Task AnswerAsync(JsonObject frame)
    {
        var conversation = (string?)frame["conversationId"];
        switch ((string?)frame["type"])
        {
            case "subscribe":
                await SendSubscribedAsync(conversation!, Head, frame.ContainsKey("since") ? true : null);
                break;
            case "unsubscribe":
                await SendAsync(new { type = "unsubscribed", conversationId = conversation, timestamp = DateTimeOffset.UtcNow });
                break;
            case "ping":
                await SendAsync(new { type = "pong", timestamp = DateTimeOffset.UtcNow });
                break;
        }
    }

    public async Task CloseAsync(int code, string reason = "")
    {
        await _sending.WaitAsync();
        try
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The connection breaks, without a close.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            if (!_ended) context.Abort();
        }
    }

    public void Dispose()
    {
        lock (_gate) _ended = true;
        _sending.Dispose();
    }

    public async Task ReadAsync(FakeServer server)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult result;
                do
                {
                    result = await socket.ReceiveAsync(buffer.AsMemory(length), context.RequestAborted);
                    length += result.Count;
                }
                while (!result.EndOfMessage);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    ClientsCloseCode = (int?)socket.CloseStatus;
                    break;
                }
                var frame = JsonSerializer.Deserialize<JsonObject>(buffer.AsSpan(0, length))!;
                _received.Enqueue(frame);
                await server.Answer(this, frame);
            }
            if (socket.State == WebSocketState.CloseReceived) await CloseAsync(1000);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The connection broke, which is what many tests want.
        }
    }
}
