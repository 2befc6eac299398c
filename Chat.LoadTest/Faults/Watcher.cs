using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;

namespace Chat.LoadTest.Faults;

/// <summary>
/// A client as frontend-example/chat-status-client.js is one: watches conversations over one socket, reconnects with jitter,
/// resumes each with <c>since</c>, and loads the page over REST where the server says that it no longer has everything.
/// </summary>
internal sealed class Watcher(int number, Uri api, string token, IReadOnlyList<Guid> conversations, Ledger ledger, StoreReader reader)
{
    private const int ReconnectBase = 500;
    private const int ReconnectCap = 30_000;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StableAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Guid, ConversationCursor> _places = conversations.ToDictionary(c => c, c => new ConversationCursor(c));
    private readonly ConcurrentQueue<(ConversationCursor Cursor, int Generation, ConversationPage Page)> _pages = new();
    private readonly TaskCompletionSource _subscribed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _answered;

    public int Number { get; } = number;

    public Uri Api { get; } = api;

    public int Connects { get; private set; }

    /// <summary>Conversations that the server had everything of when the client came back, and those that it had not.</summary>
    public int Recovered { get; private set; }

    public int Reloaded { get; private set; }

    /// <summary>Done once every conversation's first subscription was answered.</summary>
    public Task Subscribed => _subscribed.Task;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var attempt = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var opened = DateTime.MaxValue;
            try
            {
                using var socket = new ClientWebSocket();
                socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
                using (var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
                {
                    timeout.CancelAfter(ConnectTimeout);
                    await socket.ConnectAsync(new UriBuilder(new Uri(Api, "/ws/status")) { Scheme = "ws" }.Uri, timeout.Token);
                }
                opened = DateTime.UtcNow;
                Connects++;
                await ReadAsync(socket, cancellationToken);
            }
            catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or TimeoutException)
            {
                // The server is away, or did not answer: as any other end of the connection.
            }
            if (opened < DateTime.UtcNow - StableAfter) attempt = 0;
            var longest = Math.Min(ReconnectCap, ReconnectBase * Math.Pow(2, Math.Min(attempt++, 30)));
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * longest), cancellationToken)
                .ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task ReadAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // The socket takes one send at a time; all of them come from this loop, a receive being under way or not.
        foreach (var place in _places.Values) await SendAsync(socket, Subscribe(place), cancellationToken);
        var nextPing = DateTime.UtcNow + PingInterval;
        DateTime? dead = null;
        var receiving = ReceiveAsync(socket, ended.Token);
        try
        {
            while (true)
            {
                var wake = dead ?? nextPing;
                var pause = wake - DateTime.UtcNow;
                if (pause > TimeSpan.FromMilliseconds(200)) pause = TimeSpan.FromMilliseconds(200); // pages wait to be taken
                if (pause < TimeSpan.Zero) pause = TimeSpan.Zero;
                if (!receiving.IsCompleted) await Task.WhenAny(receiving, Task.Delay(pause, ended.Token));
                while (_pages.TryDequeue(out var loaded)) Take(loaded.Cursor, loaded.Generation, loaded.Page, ended.Token);
                if (receiving.IsCompleted)
                {
                    var length = await receiving;
                    if (length < 0) return;
                    dead = null;
                    Read(_buffer.AsMemory(0, length), ended.Token);
                    receiving = ReceiveAsync(socket, ended.Token);
                }
                else if (DateTime.UtcNow >= dead) throw new TimeoutException("no answer to a ping");
                else if (DateTime.UtcNow >= nextPing)
                {
                    await SendAsync(socket, new { type = "ping" }, cancellationToken);
                    nextPing = DateTime.UtcNow + PingInterval;
                    dead = DateTime.UtcNow + PongTimeout;
                }
            }
        }
        finally
        {
            await ended.CancelAsync();
            socket.Abort();
            await receiving.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private static object Subscribe(ConversationCursor place) => place.Begin() is { } since
        ? new { type = "subscribe", conversationId = place.Conversation, since }
        : new { type = "subscribe", conversationId = place.Conversation };

    private static Task SendAsync(ClientWebSocket socket, object frame, CancellationToken cancellationToken) =>
        socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(frame), WebSocketMessageType.Text, true, cancellationToken);

    /// <summary>The length of the next frame in the buffer; -1 where the server closed.</summary>
    private async Task<int> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            if (received.MessageType == WebSocketMessageType.Close) return -1;
            length += received.Count;
            if (received.EndOfMessage) return length;
        }
    }

    private void Read(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var frame = JsonDocument.Parse(bytes);
        var root = frame.RootElement;
        switch (root.GetProperty("type").GetString())
        {
            case "message.status" when _places.TryGetValue(root.GetProperty("conversationId").GetGuid(), out var place):
                if (root.TryGetProperty("seq", out var seq) && !place.Take(seq.GetInt64())) return;
                ledger.Get(root.GetProperty("messageId").GetGuid()).Show(Number, Rank.Parse(root.GetProperty("status").GetString()), isFrame: true);
                break;
            case "subscribed" when _places.TryGetValue(root.GetProperty("conversationId").GetGuid(), out var place):
                OnSubscribed(place, root, cancellationToken);
                break;
            case "error":
                Console.Error.WriteLine($"client {Number}: {root}");
                break;
        }
    }

    private void OnSubscribed(ConversationCursor place, JsonElement frame, CancellationToken cancellationToken)
    {
        if (++_answered == _places.Count) _subscribed.TrySetResult();
        long? head = frame.TryGetProperty("seq", out var seq) ? seq.GetInt64() : null;
        bool? recovered = frame.TryGetProperty("recovered", out var member) ? member.GetBoolean() : null;
        if (recovered is true) Recovered++;
        if (!place.Subscribed(head, recovered)) return;
        Reloaded++;
        _ = LoadAsync(place, place.Generation, cancellationToken);
    }

    private async Task LoadAsync(ConversationCursor place, int generation, CancellationToken cancellationToken)
    {
        var page = await reader.ReadAsync(Api, place.Conversation, cancellationToken);
        if (page is not null) _pages.Enqueue((place, generation, page));
    }

    private void Take(ConversationCursor place, int generation, ConversationPage page, CancellationToken cancellationToken)
    {
        if (place.Generation != generation) return;
        foreach (var message in page.Items)
        {
            if (message.Rank > 1) ledger.Get(message.Id).Show(Number, message.Rank, isFrame: false);
        }
        if (!place.Loaded(page.Seq)) _ = LoadAsync(place, generation, cancellationToken);
    }
}
