using System.Buffers.Text;
using System.Net.WebSockets;
using System.Text;
using Chat.Client.Protocol;
using Chat.LoadTest.InProcess;

namespace Chat.LoadTest.Status;

/// <summary>
/// The browsers of the benchmark, in a process of their own: one socket a conversation. Talks to its parent in lines: READY
/// once all are subscribed; <c>expect N</c> is answered by <c>DONE frames bytes</c> once N more messages were shown as READ.
/// </summary>
internal static class SocketClients
{
    public const string CommandName = "sockets";

    // {"type":"message.status","messageId":"…
    private const int MessageIdAt = 38;
    private const int GuidLength = 36;

    private static readonly HashSet<Guid> Read = [];
    private static readonly Lock Gate = new();
    private static TaskCompletionSource _reached = new();
    private static int _target = int.MaxValue;
    private static long _frames;
    private static long _bytes;

    public static async Task<int> RunAsync(Uri url, string key, int conversations)
    {
        var token = Tokens.Mint(key, BenchmarkIds.Organization, BenchmarkIds.User);
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i < conversations; i++)
        {
            var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
            await socket.ConnectAsync(url, CancellationToken.None);
            var subscribe = Encoding.UTF8.GetBytes(ClientFrames.Subscribe(BenchmarkIds.Conversation(i), null));
            await socket.SendAsync(subscribe, WebSocketMessageType.Text, true, CancellationToken.None);
            var buffer = new byte[64 * 1024];
            do await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            while (!buffer.AsSpan().StartsWith("{\"type\":\"subscribed\""u8));
            sockets.Add(socket);
            _ = ReceiveAsync(socket, buffer);
        }
        Console.WriteLine("READY");
        // Read while a round goes on too: the end of the lines is that of the parent, which is waited for no longer.
        for (var next = NextLineAsync(); await next is { } line && line.StartsWith("expect ", StringComparison.Ordinal);)
        {
            next = NextLineAsync();
            Task reached;
            lock (Gate)
            {
                _target = Read.Count + int.Parse(line["expect ".Length..]);
                _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
                reached = _reached.Task;
                (_frames, _bytes) = (0, 0);
            }
            Console.WriteLine("OK");
            await Task.WhenAny(reached, next);
            if (!reached.IsCompleted) break;
            Console.WriteLine($"DONE {_frames} {_bytes}");
        }
        return 0;
    }

    private static Task<string?> NextLineAsync() => Task.Run(Console.ReadLine);

    private static async Task ReceiveAsync(ClientWebSocket socket, byte[] buffer)
    {
        try
        {
            while (true)
            {
                var result = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (result.MessageType == WebSocketMessageType.Close) break;
                Count(buffer.AsSpan(0, result.Count));
            }
            Console.Error.WriteLine($"a socket was closed: {socket.CloseStatus} {socket.CloseStatusDescription}");
        }
        catch (WebSocketException exception)
        {
            Console.Error.WriteLine($"a socket broke: {exception.Message}");
        }
        // What it should show would be waited for.
        Environment.Exit(1);
    }

    private static void Count(ReadOnlySpan<byte> frame)
    {
        lock (Gate)
        {
            _frames++;
            _bytes += frame.Length;
            if (frame.IndexOf("\"status\":\"READ\""u8) < 0) return;
            if (!Utf8Parser.TryParse(frame.Slice(MessageIdAt, GuidLength), out Guid id, out _, 'D') || !Read.Add(id)) return;
            if (Read.Count == _target) _reached.TrySetResult();
        }
    }
}
