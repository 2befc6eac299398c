using System.Net.Sockets;
using System.Net.WebSockets;
using Chat.Api.Hub.Protocol;
using Chat.Client.Connections;
using Chat.Client.Protocol;

namespace Chat.LoadTest.Deployment;

/// <summary>
/// Sockets beside those that count, which take what they are sent more slowly than it comes: what they have not read waits in the server,
/// which closes them in time. They come back, and are as slow again. No tick is expected of them.
/// </summary>
internal sealed class SlowReaders(WatchSetup setup, int count)
{
    // Through a window that holds some dozens of frames.
    private const int ReceiveBufferBytes = 4096;
    private const int MostSubscriptions = 50;
    private static readonly TimeSpan PerFrame = TimeSpan.FromMilliseconds(250);

    // Where the server says nothing of it. More often they would take the places of the sockets that count.
    private static readonly TimeSpan RefusedPause = TimeSpan.FromSeconds(5);

    private long _closed;
    private long _lost;

    /// <summary>How often the server closed one as too slow (4008).</summary>
    public long Closed => Interlocked.Read(ref _closed);

    /// <summary>How often one ended in another way, or was not let in.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Reads on all of them until it is canceled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync };
        using var invoker = new HttpMessageInvoker(handler);
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => ReadAsync(i, invoker, cancellationToken)));
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        new NetworkStream(await Dialing.ConnectAsync(context, cancellationToken, ReceiveBufferBytes), ownsSocket: true);

    private async Task ReadAsync(int number, HttpMessageInvoker invoker, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(PerFrame);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    var code = await ReadUntilClosedAsync(number, invoker, timer, cancellationToken);
                    Interlocked.Increment(ref code == (int)CloseCode.TooSlow ? ref _closed : ref _lost);
                }
                catch (Exception exception) when (exception is WebSocketException or StatusSocketRefusedException)
                {
                    Interlocked.Increment(ref _lost);
                    if (exception is StatusSocketRefusedException refused)
                        await Task.Delay(refused.RetryAfter ?? RefusedPause, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task<int?> ReadUntilClosedAsync(
        int number, HttpMessageInvoker invoker, PeriodicTimer timer, CancellationToken cancellationToken)
    {
        using var socket = new StatusSocket();
        // The sockets that count have the users before these.
        var token = setup.Access.WatcherToken(setup.Plan.Sockets + number);
        await socket.OpenAsync(setup.Api, token, invoker: invoker, cancellationToken: cancellationToken);
        foreach (var conversation in setup.Conversations.Take(MostSubscriptions)) socket.Send(ClientFrames.Subscribe(conversation, null));
        while (await socket.ReadAsync(cancellationToken) is not null) await timer.WaitForNextTickAsync(cancellationToken);
        return socket.CloseCode;
    }
}
