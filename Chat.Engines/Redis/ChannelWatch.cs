using System.Collections.Concurrent;
using System.Collections.Immutable;
using Chat.Core.Bus;

namespace Chat.Engines.Redis;

/// <summary>One subscription at the server and the listeners here that share it. The first makes it, the last ends it.</summary>
#pragma warning disable CA1001 // Without a wait handle a semaphore holds nothing to dispose of.
internal sealed class ChannelWatch(Guid conversationId, IRedisSubscriber subscriber, Action<Exception> handlerFailed)
#pragma warning restore CA1001
{
    // Subscribing and unsubscribing go one at a time, so that the server gets them in order. As a lock, it guards the listeners: a watch
    // lasts as long as somebody watches, and another object for that would too.
    private readonly SemaphoreSlim _turn = new(1);
    private ImmutableArray<ChannelSubscription> _listeners = [];
    private bool _isSubscribed;
    private bool _isHeard;
    private bool _over;

    public Guid ConversationId { get; } = conversationId;

    public bool IsOver => Volatile.Read(ref _over);

    public bool IsSubscribed => Volatile.Read(ref _isSubscribed);

    /// <summary>
    /// Adds a listener, and answers once the server has confirmed the subscription; false where the watch is over and another has to be
    /// made. A watch that could not subscribe is over too.
    /// </summary>
    public async ValueTask<bool> TryAddAsync(ChannelSubscription listener, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_over) return false;
            // Before the subscription begins: from then on payloads come.
            lock (_turn) _listeners = _listeners.Add(listener);
            if (!_isSubscribed) await SubscribeAsync(listener, cancellationToken).ConfigureAwait(false);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes a listener away, which is called no more then; true where it was the last and the watch is over.</summary>
    public async ValueTask<bool> RemoveAsync(ChannelSubscription listener)
    {
        Remove(listener);
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_over || _listeners.Length > 0) return false;
            // Not waited for: a server that is away has no subscription to end. Before it is over, and another watch takes its place.
            if (_isSubscribed) subscriber.Unsubscribe(ConversationId);
            Volatile.Write(ref _over, true);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Hands a payload to the listeners; for one thread. True where it is the first since <see cref="Settle"/>.</summary>
    public bool Deliver(ReadOnlyMemory<byte> payload)
    {
        lock (_turn)
        {
            foreach (var listener in _listeners)
            {
                listener.IsUnsettled = true;
                Call(static (to, bytes) => to.OnPayload(bytes), listener.Listener, payload);
            }
        }
        var isFirst = !_isHeard;
        _isHeard = true;
        return isFirst;
    }

    /// <summary>Tells the listeners that were called that no other payload waits; for the same thread.</summary>
    public void Settle()
    {
        _isHeard = false;
        lock (_turn)
        {
            foreach (var listener in _listeners)
            {
                // One that was added since has heard nothing.
                if (!listener.IsUnsettled) continue;
                listener.IsUnsettled = false;
                Call(static (to, _) => to.OnSettled(), listener.Listener, default);
            }
        }
    }

    private async Task SubscribeAsync(ChannelSubscription first, CancellationToken cancellationToken)
    {
        try
        {
            await subscriber.SubscribeAsync(ConversationId).WaitAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _isSubscribed, true);
        }
        catch
        {
            Remove(first);
            // It keeps what could not be subscribed to, and would try again.
            subscriber.Unsubscribe(ConversationId);
            Volatile.Write(ref _over, true);
            throw;
        }
    }

    private void Remove(ChannelSubscription listener)
    {
        lock (_turn) _listeners = _listeners.Remove(listener);
    }

    private void Call(Action<IBusListener, ReadOnlyMemory<byte>> call, IBusListener listener, ReadOnlyMemory<byte> payload)
    {
        try
        {
            call(listener, payload);
        }
#pragma warning disable CA1031 // One listener's failure is not the others'.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            handlerFailed(exception);
        }
    }
}

/// <summary>One listener's part of a watch, until it is disposed of.</summary>
internal sealed class ChannelSubscription(
    ChannelWatch watch, ConcurrentDictionary<Guid, ChannelWatch> watches, IBusListener listener) : IAsyncDisposable
{
    private bool _disposed;

    public IBusListener Listener { get; } = listener;

    /// <summary>Whether it heard something since it was last told that nothing waits; for the watch.</summary>
    public bool IsUnsettled { get; set; }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true)) return;
        if (await watch.RemoveAsync(this).ConfigureAwait(false)) watches.TryRemove(new(watch.ConversationId, watch));
    }
}
