using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StackExchange.Redis;

namespace Chat.Engines.Redis;

/// <summary>
/// One of the driver's queues for the payloads of many channels, handed on in order: what waits together, together. The driver's own
/// form has a queue for each channel, of 2 KB while nothing waits in it, and wakes a thread for each; its form without a queue keeps no
/// order. It can do this, and doesn't offer it: its members are called by name, and the tests of the bus fail where a version lacks them.
/// </summary>
/// <param name="find">The watch of the channel that a payload came on; null where nobody watches it any more.</param>
internal sealed class SharedQueue(ISubscriber subscriber, Func<RedisChannel, ChannelWatch?> find) : IDisposable
{
    private const string DriversSubscriber = "StackExchange.Redis.RedisSubscriber, StackExchange.Redis";
    private const string DriversServer = "StackExchange.Redis.ServerEndPoint, StackExchange.Redis";

    // Without a subscriber of its own it subscribes to nothing: its name is never sent.
    private readonly ChannelMessageQueue _queue = Create(RedisChannel.Literal("shared"), parent: null);

    /// <summary>Begins to hand payloads on.</summary>
    public void Start() => _ = PumpAsync();

    /// <summary>Subscribes a channel that is not subscribed to; completes once the server has confirmed it.</summary>
    public Task SubscribeAsync(RedisChannel channel) => SubscribeAsync(subscriber, channel, null, _queue, CommandFlags.None, null);

    /// <summary>Ends the channel's subscription; the server is told, and its answer not waited for.</summary>
    public void Unsubscribe(RedisChannel channel) => _ = UnsubscribeAsync(subscriber, channel, null, _queue, CommandFlags.FireAndForget);

    /// <summary>Ends the handing on, and does not wait for it: the caller may be within a handler.</summary>
    public void Dispose() => _queue.Unsubscribe();

    private async Task PumpAsync()
    {
        // A pump that fell behind still lets others have their turn.
        const int MostAtOnce = 256;
        var heard = new List<ChannelWatch>();
        var mustYield = true;
        try
        {
            while (true)
            {
                // Not on the starter's thread, and on no other for ever.
                if (mustYield) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                var message = await _queue.ReadAsync().ConfigureAwait(false);
                var left = MostAtOnce;
                do
                {
                    if (find(message.Channel) is { } watch && watch.Deliver(message.Message)) heard.Add(watch);
                }
                while (--left > 0 && _queue.TryRead(out message));
                foreach (var watch in heard) watch.Settle();
                heard.Clear();
                mustYield = left == 0;
            }
        }
        catch (ChannelClosedException)
        {
            // The bus is closed.
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern ChannelMessageQueue Create(in RedisChannel channel, [UnsafeAccessorType(DriversSubscriber)] object? parent);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SubscribeAsync")]
    private static extern Task<int> SubscribeAsync(
        [UnsafeAccessorType(DriversSubscriber)] object subscriber,
        RedisChannel channel,
        Action<RedisChannel, RedisValue>? handler,
        ChannelMessageQueue queue,
        CommandFlags flags,
        [UnsafeAccessorType(DriversServer)] object? server);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "UnsubscribeAsync")]
    private static extern Task<bool> UnsubscribeAsync(
        [UnsafeAccessorType(DriversSubscriber)] object subscriber,
        in RedisChannel channel,
        Action<RedisChannel, RedisValue>? handler,
        ChannelMessageQueue queue,
        CommandFlags flags);
}
