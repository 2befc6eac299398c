using Chat.Core.Ids;

namespace Chat.Core.Messages;

/// <summary>
/// The messages, and where each is. The store has a port for each kind of thing that it keeps, this one among them; one engine
/// implements all of them, and each promises:
/// <list type="bullet">
/// <item><b>Durability.</b> A call that returned is on disk (or on a quorum); a call that threw may or may not have happened.</item>
/// <item><b>Idempotence.</b> Every write may be repeated at any later time, by anyone, and changes nothing then.</item>
/// <item><b>Commutativity.</b> Facts merge (<see cref="Statuses.Fact"/>): the order of writes, and who makes them, is no matter.</item>
/// <item><b>Visibility.</b> What a call wrote is seen by every read, of any port, that begins after it returned.</item>
/// <item>Times are UTC with millisecond precision.</item>
/// </list>
/// Failures are exceptions: a caller that must not lose anything tries again without end. But an
/// <see cref="Engines.EngineRefusedException"/> is none: what was given, or all of it in one call, is refused for what it is and always
/// will be (too large, invalid).
/// </summary>
public interface IMessageStore
{
    /// <summary>Keeps messages. A message that is stored already is left as it is, its position too.</summary>
    ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken);

    /// <summary>Where messages are, by their ids alone; those that were not added are missing.</summary>
    ValueTask<IReadOnlyDictionary<Guid, MessageKey>> FindMessageKeysAsync(
        IReadOnlyCollection<Guid> messageIds, CancellationToken cancellationToken);

    /// <summary>What the store holds of messages, one state for each key, in the order given.</summary>
    ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);

    /// <summary>
    /// A page of a conversation's messages with their facts, newest first: by position, at a tie by message id. Messages without a
    /// position come after all that have one.
    /// </summary>
    /// <param name="before">
    /// Only messages that come after this one in that order; null for the newest. One that is not stored (any more) stands for the nearest
    /// id below it, which is on the page then.
    /// </param>
    ValueTask<MessagePage> ListMessagesAsync(Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken);
}
