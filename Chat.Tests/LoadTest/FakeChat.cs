using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Chat.Tests.LoadTest;

/// <summary>
/// What a client sees of a deployment, without one: a post is answered 202, and its ticks go to the sockets of its conversation, but for
/// those that it is told to lose.
/// </summary>
internal sealed class FakeChat : IAsyncDisposable
{
    private static readonly string[] Ticks = ["SENT", "DELIVERED", "READ"];

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<Guid, ConcurrentQueue<Watch>> _watches = new();
    private int _posts;
    private long _seq;

    private FakeChat(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>Of a post's number, from 1: the status that it is answered with.</summary>
    public Func<int, int> Answer { get; init; } = _ => StatusCodes.Status202Accepted;

    /// <summary>Of a post's number, from 1, a socket's among those of the conversation, from 0, and a tick: whether it is lost.</summary>
    public Func<int, int, string, bool> Loses { get; init; } = (_, _, _) => false;

    /// <summary>The ids of the messages, by their posts' numbers.</summary>
    public ConcurrentDictionary<int, Guid> Messages { get; } = new();

    public static async Task<FakeChat> StartAsync(Func<int, int>? answer = null, Func<int, int, string, bool>? loses = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var chat = new FakeChat(app) { Answer = answer ?? (_ => 202), Loses = loses ?? ((_, _, _) => false) };
        app.UseWebSockets();
        app.MapPost("/v1/messages", chat.PostAsync);
        app.Map("/ws/status", chat.WatchAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return chat;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<IResult> PostAsync(JsonElement body)
    {
        var number = Interlocked.Increment(ref _posts);
        var status = Answer(number);
        if (status != StatusCodes.Status202Accepted) return Results.Json(new { title = "no" }, statusCode: status);
        var (id, conversation) = (Guid.CreateVersion7(), body.GetProperty("conversaId").GetGuid());
        Messages[number] = id;
        foreach (var tick in Ticks)
        {
            var socket = 0;
            foreach (var watch in _watches[conversation])
            {
                if (!Loses(number, socket++, tick)) await watch.SendAsync(Status(id, conversation, tick));
            }
        }
        return Results.Json(new { messageId = id }, statusCode: StatusCodes.Status202Accepted);
    }

    private async Task WatchAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var watch = new Watch(socket);
        await watch.SendAsync("""{"type":"connected","connectionId":"1"}""");
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: WebSocketMessageType.Text } received)
            {
                var frame = JsonElement.Parse(buffer.AsSpan(0, received.Count));
                if (frame.GetProperty("type").GetString() != "subscribe") continue;
                var conversation = frame.GetProperty("conversationId").GetGuid();
                _watches.GetOrAdd(conversation, _ => []).Enqueue(watch);
                await watch.SendAsync($$"""{"type":"subscribed","conversationId":"{{conversation}}","seq":0}""");
            }
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // Left without a close.
        }
    }

    private string Status(Guid id, Guid conversation, string status) =>
        $$"""
        {"type":"message.status","messageId":"{{id}}","conversationId":"{{conversation}}","status":"{{status}}","channel":"whatsapp",
        "timestamp":"2026-01-15T10:30:10Z","seq":{{Interlocked.Increment(ref _seq)}}}
        """;

    private sealed class Watch(WebSocket socket) : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(1);

        public async Task SendAsync(string frame)
        {
            await _turn.WaitAsync();
            try
            {
                await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, CancellationToken.None);
            }
            finally
            {
                _turn.Release();
            }
        }

        public void Dispose() => _turn.Dispose();
    }
}
