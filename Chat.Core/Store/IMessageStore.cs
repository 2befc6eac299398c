using Chat.Core.Messages;

namespace Chat.Core.Store;

/// <summary>
/// The durable store of messages, status facts and status changes.
/// <list type="bullet">
/// <item><b>Durability.</b> A call that returned is on disk (or on a quorum); a call that threw may or may not have happened.</item>
/// <item><b>Idempotence.</b> Every write may be repeated at any later time, by anyone, and changes nothing then.</item>
/// <item><b>Commutativity.</b> Facts merge (<see cref="Statuses.Fact"/>): the order of writes, and who makes them, is no matter.</item>
/// <item><b>Visibility.</b> What a call wrote is seen by every read that begins after it returned.</item>
/// <item>Times are UTC with millisecond precision.</item>
/// </list>
/// Failures are exceptions: a caller that must not lose anything tries again without end.
/// </summary>
public interface IMessageStore
{
    // --- Conversations ---

    /// <summary>
    /// Claims a conversation for an organization by insert-if-absent, and answers with whom it belongs to: the first claim
    /// stands, whoever asks.
    /// </summary>
    ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken);

    /// <summary>The owners of those of the conversations that have one.</summary>
    ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken);

    /// <summary>Notes that a user posted in a conversation, and the recipient's address where the post names one (the last stays).</summary>
    ValueTask AddPosterAsync(Guid conversationId, Guid userId, string? recipient, CancellationToken cancellationToken);

    /// <summary>Whether a user ever posted in a conversation.</summary>
    ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken);

    /// <summary>The recipient's address that the last post with one named; null where none did.</summary>
    ValueTask<string?> FindRecipientAsync(Guid conversationId, CancellationToken cancellationToken);

    // --- Idempotency keys ---

    /// <summary>
    /// Claims a key by insert-if-absent. Answers with the standing record: <paramref name="record"/> itself where the claim went
    /// through, the earlier one where it is not older than <paramref name="lifetime"/> before <c>record.CreatedAt</c>.
    /// </summary>
    ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken);

    // --- Messages ---

    /// <summary>Keeps messages. A message that stands is left as it is.</summary>
    ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken);

    /// <summary>Where a message is, by its id alone; null where no such message was added.</summary>
    ValueTask<MessageKey?> FindMessageKeyAsync(Guid messageId, CancellationToken cancellationToken);

    /// <summary>What the store holds of messages, one state for each key, in the order given.</summary>
    ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);

    /// <summary>A page of a conversation's messages with their facts, newest first by message id.</summary>
    /// <param name="before">Only messages whose id is below this one; null for the newest.</param>
    ValueTask<MessagePage> ListMessagesAsync(Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken);

    // --- Statuses ---

    /// <summary>
    /// Writes events into the timeline (keyed by message and <c>Seq</c>) and merges their facts, without reading first. Events of
    /// messages that are not known are kept in the same way.
    /// </summary>
    ValueTask RecordStatusesAsync(IReadOnlyList<StatusRecord> records, CancellationToken cancellationToken);

    /// <summary>Every event recorded for a message, by <c>Seq</c>.</summary>
    ValueTask<IReadOnlyList<StatusRecord>> ListTimelineAsync(MessageKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Writes change rows, keyed by conversation and <c>Seq</c>, and raises the conversations' heads. Changes of one conversation
    /// become visible in the order of <c>Seq</c>: a reader that sees one sees those of this call before it.
    /// </summary>
    ValueTask AddChangesAsync(IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken);

    /// <summary>
    /// A conversation's changes after <paramref name="since"/>, by <c>Seq</c>. The head is read before the rows, so that a page
    /// shorter than <paramref name="limit"/> has everything up to it.
    /// </summary>
    ValueTask<ChangePage> ListChangesAsync(Guid conversationId, long since, int limit, CancellationToken cancellationToken);

    /// <summary>The highest number of each conversation; those that never changed are missing.</summary>
    ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken);

    /// <summary>
    /// The epoch of <see cref="Log.SequenceNumber"/> for what <see cref="Log.TopicDescription.Identity"/> names: claimed by
    /// insert-if-absent, the same for whoever asks with the same identity, above every earlier one where the identity is new.
    /// </summary>
    ValueTask<int> ClaimEpochAsync(string topic, string identity, CancellationToken cancellationToken);

    /// <summary>
    /// The topic's latest epoch, null where none was claimed. Sees every claim that ended before it was asked, so that what was
    /// written before that is there for whoever works in a later epoch.
    /// </summary>
    ValueTask<ClaimedEpoch?> GetLatestEpochAsync(string topic, CancellationToken cancellationToken);

    // --- Statuses without a message ---

    /// <summary>Keeps statuses until what they wait for comes; keyed by subject and <c>Seq</c>.</summary>
    ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken);

    /// <summary>What waits for any of the subjects, by <c>Seq</c>.</summary>
    ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken);

    /// <summary>What was parked before a time and still waits, oldest first; at most <paramref name="limit"/>.</summary>
    ValueTask<IReadOnlyList<ParkedStatus>> ListParkedBeforeAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets parked statuses: joined, or given up.</summary>
    ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken);

    // --- Connectors ---

    /// <summary>
    /// Notes hand-overs to a provider, and answers with the standing one of each, in the order given: the earliest <c>At</c>
    /// stays, and a provider's id that is known stays too.
    /// </summary>
    ValueTask<IReadOnlyList<HandOver>> RecordHandOversAsync(IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken);

    /// <summary>Notes which message a provider's id stands for. The first one stays.</summary>
    ValueTask AddProviderIdAsync(string channel, string providerMessageId, MessageKey key, CancellationToken cancellationToken);

    /// <summary>The message that a provider's id stands for; null where none is noted.</summary>
    ValueTask<MessageKey?> FindByProviderIdAsync(string channel, string providerMessageId, CancellationToken cancellationToken);
}
