namespace Chat.Core.Bus;

/// <summary>A payload for one conversation's channel, <c>status:{conversationId}</c>. See <see cref="Frames.BusPayload"/>.</summary>
public readonly record struct BusMessage(Guid ConversationId, ReadOnlyMemory<byte> Payload);

/// <summary>
/// Tells every API instance what changed, now. A hint and no record: what is published while nobody listens, or while a
/// connection is down, is lost, and the hubs repair from the store.
/// <list type="bullet">
/// <item><b>Order.</b> Payloads that one caller published to one conversation arrive in that order, none twice, with gaps only
/// where a connection was lost.</item>
/// <item><b>Subscriptions</b> are per conversation.</item>
/// </list>
/// </summary>
public interface IStatusBus
{
    /// <summary>What spans call it: <c>redis</c> as OpenTelemetry does, or a name of ours.</summary>
    string MessagingSystem => "chat";

    /// <summary>
    /// Publishes payloads in order and returns once the bus has taken them, with or without listeners. Throws where it could not be
    /// reached; some may have been published then.
    /// </summary>
    /// <exception cref="Engines.EngineRefusedException">
    /// The bus refuses one of them for what it is and always will (too large). Anything else that is thrown is a failure that may pass.
    /// </exception>
    ValueTask PublishAsync(IReadOnlyList<BusMessage> messages, CancellationToken cancellationToken);

    /// <summary>
    /// Listens to a conversation; answers once the subscription stands: whatever is published after that arrives. The
    /// subscription outlives lost connections until it is disposed.
    /// </summary>
    ValueTask<IAsyncDisposable> SubscribeAsync(Guid conversationId, IBusListener listener, CancellationToken cancellationToken);

    /// <summary>
    /// Raised each time a connection was lost and the subscriptions stand again: whatever was published in between may be missing.
    /// </summary>
    event Action? Restored;
}
