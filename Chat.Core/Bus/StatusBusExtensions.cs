namespace Chat.Core.Bus;

/// <summary>For who has methods in place of a listener.</summary>
public static class StatusBusExtensions
{
    /// <inheritdoc cref="IStatusBus.SubscribeAsync"/>
    /// <param name="handler">See <see cref="IBusListener.OnPayload"/>.</param>
    public static ValueTask<IAsyncDisposable> SubscribeAsync(
        this IStatusBus bus, Guid conversationId, Action<ReadOnlyMemory<byte>> handler, CancellationToken cancellationToken) =>
        bus.SubscribeAsync(conversationId, handler, static () => { }, cancellationToken);

    /// <inheritdoc cref="IStatusBus.SubscribeAsync"/>
    /// <param name="handler">See <see cref="IBusListener.OnPayload"/>.</param>
    /// <param name="settled">See <see cref="IBusListener.OnSettled"/>.</param>
    public static ValueTask<IAsyncDisposable> SubscribeAsync(
        this IStatusBus bus,
        Guid conversationId,
        Action<ReadOnlyMemory<byte>> handler,
        Action settled,
        CancellationToken cancellationToken) =>
        bus.SubscribeAsync(conversationId, new Handlers(handler, settled), cancellationToken);

    private sealed class Handlers(Action<ReadOnlyMemory<byte>> handler, Action settled) : IBusListener
    {
        public void OnPayload(ReadOnlyMemory<byte> payload) => handler(payload);

        public void OnSettled() => settled();
    }
}
