using System.Collections.Immutable;
using System.Threading.Channels;
using StackExchange.Redis;

namespace Chat.Engines.Redis;

/// <summary>One subscription at the server and the handlers here that share it. The first makes it, the last ends it.</summary>
#pragma warning disable CA1001 // Without a wait handle a semaphore holds nothing to dispose of.
internal sealed class ChannelWatch(RedisChannel channel, Action<Exception> handlerFailed)
#pragma warning restore CA1001
{
    // Subscribing and unsubscribing go one at a time, so that the server gets them in order.
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Lock _delivery = new();
    private ImmutableArray<Listener> _listeners = [];
    private ChannelMessageQueue? _queue;
    private bool _over;

    public RedisChannel Channel { get; } = channel;

    public bool IsOver => Volatile.Read(ref _over);

    public bool IsSubscribed => Volatile.Read(ref _queue) is not null;

    /// <summary>
    /// Adds a handler once the server has confirmed the subscription; false where the watch is over and another has to be made. A watch
    /// that could not
    /// subscribe is over too.
    /// </summary>
    public async ValueTask<bool> TryAddAsync(
        ISubscriber subscriber, Listener listener, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_over) return false;
            if (_queue is null)
            {
                var queue = await SubscribeAsync(subscriber, cancellationToken).ConfigureAwait(false);
                Volatile.Write(ref _queue, queue);
                Add(listener);
                // What came since the subscription began is in it. Ends with it.
                _ = PumpAsync(queue);
            }
            else
            {
                Add(listener);
            }
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes a handler away, which is called no more then; true where it was the last and the watch is over.</summary>
    public async ValueTask<bool> RemoveAsync(Listener listener)
    {
        lock (_delivery) _listeners = _listeners.Remove(listener);
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_over || _listeners.Length > 0) return false;
            _over = true;
            // Not waited for: a server that is away has no subscription to end.
            if (_queue is not null) await _queue.UnsubscribeAsync(CommandFlags.FireAndForget).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ChannelMessageQueue> SubscribeAsync(ISubscriber subscriber, CancellationToken cancellationToken)
    {
        var subscribing = subscriber.SubscribeAsync(Channel);
        try
        {
            return await subscribing.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            _over = true;
            // The driver keeps what it could not subscribe to, and would try again.
            _ = subscriber.UnsubscribeAsync(Channel, null, CommandFlags.FireAndForget);
            throw;
        }
    }

    private void Add(Listener listener)
    {
        lock (_delivery) _listeners = _listeners.Add(listener);
    }

    /// <summary>Hands payloads on, in order: what waits together, together.</summary>
    private async Task PumpAsync(ChannelMessageQueue queue)
    {
        // A pump that fell behind still lets others have their turn.
        const int MostAtOnce = 256;
        var mustYield = true;
        try
        {
            while (true)
            {
                // Not on the subscriber's thread, and on no other for ever.
                if (mustYield) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                var message = await queue.ReadAsync().ConfigureAwait(false);
                lock (_delivery)
                {
                    var listeners = _listeners;
                    var left = MostAtOnce;
                    do Call(listeners, message.Message);
                    while (--left > 0 && queue.TryRead(out message));
                    foreach (var listener in listeners) Settle(listener);
                    mustYield = left == 0;
                }
            }
        }
        catch (ChannelClosedException)
        {
            // Unsubscribed.
        }
    }

    private void Call(ImmutableArray<Listener> listeners, ReadOnlyMemory<byte> payload)
    {
        foreach (var listener in listeners)
        {
            try
            {
                listener.Handler(payload);
            }
#pragma warning disable CA1031 // One handler's failure is not the others'.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                handlerFailed(exception);
            }
        }
    }

    private void Settle(Listener listener)
    {
        try
        {
            listener.Settled?.Invoke();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            handlerFailed(exception);
        }
    }
}

/// <summary>Who listens to a channel.</summary>
internal sealed record Listener(Action<ReadOnlyMemory<byte>> Handler, Action? Settled);
