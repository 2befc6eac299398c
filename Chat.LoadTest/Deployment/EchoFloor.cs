using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Deployment;

/// <summary>What this machine and this generator can do, whatever is measured with them.</summary>
/// <param name="PerSecond">Messages that were to be sent per second.</param>
/// <param name="RoundTrip">From the time that each was due until it was back.</param>
internal sealed record Floor(int Connections, double PerSecond, Latency RoundTrip);

/// <summary>
/// An echo over raw TCP on loopback within this process, driven as the posts are: a deployment cannot do better by this generator on
/// this machine, so that a figure says something only by how far it is above this one.
/// </summary>
internal static class EchoFloor
{
    // About a post's body, or a status frame.
    private const int MessageBytes = 256;
    private const int MostConnections = 200;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public static async Task<Floor> MeasureAsync(int connections, double rate, TimeSpan duration, CancellationToken cancellationToken)
    {
        var count = Math.Min(connections, MostConnections);
        var histogram = new LatencyHistogram();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(count);
        var sockets = new List<Socket>();
        var working = new List<Task>();
        var due = new ConcurrentQueue<long>[count];
        try
        {
            for (var i = 0; i < count; i++)
            {
                var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                sockets.Add(client);
                await client.ConnectAsync(listener.LocalEndpoint, cancellationToken);
                var server = await listener.AcceptSocketAsync(cancellationToken);
                sockets.Add(server);
                server.NoDelay = true;
                due[i] = new();
                working.Add(EchoAsync(server, end.Token));
                working.Add(ReceiveAsync(client, due[i], histogram, end.Token));
            }
            var message = new byte[MessageBytes];
            await OpenLoop.RunAsync(
                rate,
                duration,
                (number, dueAt) =>
                {
                    var i = (int)(number % count);
                    due[i].Enqueue(dueAt);
                    sockets[2 * i].Send(message);
                },
                cancellationToken);
            await Until.TrueAsync(
                () => Task.FromResult(due.All(d => d.IsEmpty)), "every message of the echo is back", Timeout, cancellationToken);
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(working).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var socket in sockets) socket.Dispose();
        }
        return new(count, rate, Latency.Of(histogram));
    }

    private static async Task EchoAsync(Socket server, CancellationToken end)
    {
        var buffer = new byte[16 * MessageBytes];
        while (await server.ReceiveAsync(buffer, end) is > 0 and var read) await server.SendAsync(buffer.AsMemory(0, read), end);
    }

    private static async Task ReceiveAsync(Socket client, ConcurrentQueue<long> due, LatencyHistogram histogram, CancellationToken end)
    {
        var buffer = new byte[16 * MessageBytes];
        for (var received = 0; await client.ReceiveAsync(buffer, end) is > 0 and var read;)
        {
            var now = Stopwatch.GetTimestamp();
            for (received += read; received >= MessageBytes; received -= MessageBytes)
            {
                if (due.TryPeek(out var dueAt)) histogram.Record(dueAt, now);
                due.TryDequeue(out _);
            }
        }
    }
}
