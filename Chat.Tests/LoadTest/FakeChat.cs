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
    private readonly WebApplication _app;
    private readonly Dictionary<Guid, List<Watch>> _watches = [];
    private readonly List<(Guid Conversation, long Seq, string Frame)> _frames = [];
    private readonly SemaphoreSlim _turn = new(1);
    private int _posts;
    private int _sockets;

    private FakeChat(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>Of a post's number, from 1: the status that it is answered with.</summary>
    public required Func<int, int> Answer { get; init; }

    /// <summary>Of a post's number, from 1, a socket's among those of the conversation, from 0, and a tick: whether it is lost.</summary>
    public required Func<int, int, string, bool> Loses { get; init; }

    /// <summary>The number of the post before whose ticks every socket of its conversation is closed; none where 0.</summary>
    public int ClosesBefore { get; init; }

    /// <summary>What each message is shown as, in turn.</summary>
    public required string[] Ticks { get; init; }

    /// <summary>How many sockets are let in before each further one is answered 429, and is to come back in an hour.</summary>
    public int MostSockets { get; init; } = int.MaxValue;

    /// <summary>The ids of the messages, by their posts' numbers.</summary>
    public ConcurrentDictionary<int, Guid> Messages { get; } = new();

    public static async Task<FakeChat> StartAsync(
        Func<int, int>? answer = null, Func<int, int, string, bool>? loses = null, int closesBefore = 0,
        int mostSockets = int.MaxValue, string[]? ticks = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var chat = new FakeChat(app)
        {
            Answer = answer ?? (_ => StatusCodes.Status202Accepted),
            Loses = loses ?? ((_, _, _) => false),
            ClosesBefore = closesBefore,
            MostSockets = mostSockets,
            Ticks = ticks ?? ["SENT", "DELIVERED", "READ"],
        };
        app.UseWebSockets();
        app.MapPost("/v1/messages", chat.PostAsync);
        app.Map("/ws/status", chat.WatchAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return chat;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _turn.Dispose();
    }

    private async Task<IResult> PostAsync(JsonElement body)
    {
        var number = Interlocked.Increment(ref _posts);
        var status = Answer(number);
        if (status != StatusCodes.Status202Accepted) return Results.Json(new { title = "no" }, statusCode: status);
        var (id, conversation) = (Guid.CreateVersion7(), body.GetProperty("conversaId").GetGuid());
        Messages[number] = id;
        await _turn.WaitAsync();
        try
        {
            var watches = _watches[conversation];
            if (number == ClosesBefore)
            {
                foreach (var watch in watches) await watch.CloseAsync();
                watches.Clear();
            }
            foreach (var tick in Ticks)
            {
                var frame = Status(id, conversation, tick, _frames.Count + 1);
                _frames.Add((conversation, _frames.Count + 1, frame));
                for (var socket = 0; socket < watches.Count; socket++)
                {
                    if (!Loses(number, socket, tick)) await watches[socket].SendAsync(frame);
                }
            }
        }
        finally
        {
            _turn.Release();
        }
        return Results.Json(new { messageId = id }, statusCode: StatusCodes.Status202Accepted);
    }

    private async Task WatchAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _sockets) > MostSockets)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            context.Response.Headers.RetryAfter = "3600";
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var watch = new Watch(socket);
        await watch.SendAsync("""{"type":"connected","connectionId":"1"}""");
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: WebSocketMessageType.Text } received)
            {
                var frame = JsonElement.Parse(buffer.AsSpan(0, received.Count));
                if (frame.GetProperty("type").GetString() != "subscribe") continue;
                await SubscribeAsync(
                    watch,
                    frame.GetProperty("conversationId").GetGuid(),
                    frame.TryGetProperty("since", out var since) ? since.GetInt64() : null);
            }
            if (socket.State == WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            // Left without a close.
        }
    }

    /// <summary>Adds a socket, and sends what it missed since it was here.</summary>
    private async Task SubscribeAsync(Watch watch, Guid conversation, long? since)
    {
        await _turn.WaitAsync();
        try
        {
            if (!_watches.TryGetValue(conversation, out var watches)) _watches[conversation] = watches = [];
            watches.Add(watch);
            var recovered = since is null ? "" : ",\"recovered\":true";
            await watch.SendAsync($$"""{"type":"subscribed","conversationId":"{{conversation}}","seq":{{_frames.Count}}{{recovered}}}""");
            foreach (var missed in _frames.Where(f => f.Conversation == conversation && f.Seq > (since ?? _frames.Count)))
                await watch.SendAsync(missed.Frame);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static string Status(Guid id, Guid conversation, string status, long seq) =>
        $$"""
        {"type":"message.status","messageId":"{{id}}","conversationId":"{{conversation}}","status":"{{status}}","channel":"whatsapp",
        "timestamp":"2026-01-15T10:30:10Z","seq":{{seq}}}
        """;

    /// <summary>A socket; one frame at a time.</summary>
    private sealed class Watch(WebSocket socket)
    {
        public Task SendAsync(string frame) =>
            socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, true, CancellationToken.None);

        /// <summary>By a code that says: come back.</summary>
        public Task CloseAsync() => socket.CloseOutputAsync((WebSocketCloseStatus)4001, "come back", CancellationToken.None);
    }
}
