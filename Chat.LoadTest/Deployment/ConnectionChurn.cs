using System.Net.Sockets;

namespace Chat.LoadTest.Deployment;

/// <summary>Connections that are cut, as by a network that goes away: without a close frame, half of them by a reset.</summary>
internal sealed class ConnectionChurn
{
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];
    // The same ones in each run of the same options.
    private readonly Random _random = new(1);
    private long _cut;

    /// <summary>How many were cut.</summary>
    public long Cut => Interlocked.Read(ref _cut);

    /// <summary>Its connections are the ones that can be cut.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = await Dialing.ConnectAsync(context, cancellationToken);
            lock (_gate) _open.Add(socket);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    /// <summary>Cuts one after the other at the rate, until it is canceled; nothing at a rate of 0.</summary>
    /// <param name="rate">Per second.</param>
    public async Task RunAsync(double rate, CancellationToken cancellationToken)
    {
        if (rate == 0) return;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / rate));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken)) CutOne();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private void CutOne()
    {
        lock (_gate)
        {
            while (_open.Count > 0)
            {
                var at = _random.Next(_open.Count);
                var socket = _open[at];
                (_open[at], _open[^1]) = (_open[^1], _open[at]);
                _open.RemoveAt(_open.Count - 1);
                // One that was closed since counts for nothing.
                if (!socket.Connected) continue;
                try
                {
                    if (_random.Next(2) == 0) socket.LingerState = new(true, 0);
                }
                catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
                {
                    // Its client has closed it meanwhile.
                    continue;
                }
                socket.Dispose();
                Interlocked.Increment(ref _cut);
                return;
            }
        }
    }
}
