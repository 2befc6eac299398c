using Chat.Core.Time;

namespace Chat.Api.Hub.Feeds;

/// <summary>
/// One subscription's place among those of its socket that catch up. It is given back while the store does not answer, so that a
/// conversation that can't be read holds up no other of the same socket.
/// </summary>
internal sealed class ReplayTurn(FifoSemaphore? replays) : IDisposable
{
    // Longer than a read that works; a read that failed is tried again for as long as the store needs.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private bool _has;

    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        if (replays is null) return;
        await replays.EnterAsync(cancellationToken);
        _has = true;
    }

    public void Leave()
    {
        if (_has) replays!.Leave();
        _has = false;
    }

    /// <summary>Waits for a read, with the place for a short time, then without it; has it again at the end.</summary>
    public async Task<T> WhileReadingAsync<T>(Task<T> reading, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!reading.IsCompleted)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var patience = Task.Delay(Patience, time, waiting.Token).WaitQuietlyAsync();
            await Task.WhenAny(reading.WaitQuietlyAsync(), patience);
            waiting.Cancel();
            if (!reading.IsCompleted)
            {
                Leave();
                await reading.WaitQuietlyAsync();
                await EnterAsync(cancellationToken);
            }
        }
        return await reading;
    }

    public void Dispose() => Leave();
}
