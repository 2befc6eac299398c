using Chat.Core.Messages;
using Chat.Core.Store;
using Chat.Engines.Cassandra.Connection;
using Chat.Engines.Cassandra.Tables;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Cassandra;

/// <summary>
/// The store on Apache Cassandra 5. Which of two values stays is decided by write timestamps that the values themselves give
/// (<see cref="CellTimes"/>): nothing on the hot path reads before it writes or takes a lightweight transaction. Reads and writes
/// go at LOCAL_QUORUM, so that what a call wrote is seen by whoever reads after it.
/// </summary>
internal sealed class CassandraMessageStore : IMessageStore
{
    private readonly ConversationTables _conversations;
    private readonly IdempotencyTable _idempotency;
    private readonly MessageTables _messages;
    private readonly ChangeTables _changes;
    private readonly EpochTable _epochs;
    private readonly ParkedTables _parked;
    private readonly ConnectorTables _connectors;

    public CassandraMessageStore(CassandraConnection connection, IOptions<CassandraOptions> options, TimeProvider time)
    {
        var firstStays = new FirstStays(time);
        _conversations = new(connection);
        _idempotency = new(connection);
        _changes = new(connection, options, time);
        _messages = new(connection, _changes, firstStays);
        _epochs = new(connection);
        _parked = new(connection, time);
        _connectors = new(connection, firstStays);
    }

    public ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken) =>
        _conversations.ClaimAsync(claim, cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
        _conversations.FindOwnersAsync(conversationIds, cancellationToken);

    public ValueTask AddPosterAsync(Guid conversationId, Guid userId, string? recipient, CancellationToken cancellationToken) =>
        _conversations.AddPosterAsync(conversationId, userId, recipient, cancellationToken);

    public ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) =>
        _conversations.HasPostedAsync(conversationId, userId, cancellationToken);

    public ValueTask<string?> FindRecipientAsync(Guid conversationId, CancellationToken cancellationToken) =>
        _conversations.FindRecipientAsync(conversationId, cancellationToken);

    public ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken) =>
        _idempotency.ClaimAsync(key, record, lifetime, cancellationToken);

    public ValueTask AddMessagesAsync(IReadOnlyList<Message> messages, CancellationToken cancellationToken) =>
        _messages.AddAsync(messages, cancellationToken);

    public ValueTask<MessageKey?> FindMessageKeyAsync(Guid messageId, CancellationToken cancellationToken) =>
        _messages.FindKeyAsync(messageId, cancellationToken);

    public ValueTask<IReadOnlyList<MessageState>> GetStatesAsync(
        IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
        _messages.GetStatesAsync(keys, cancellationToken);

    public ValueTask<MessagePage> ListMessagesAsync(
        Guid conversationId, Guid? before, int limit, CancellationToken cancellationToken) =>
        _messages.ListAsync(conversationId, before, limit, cancellationToken);

    public ValueTask RecordStatusesAsync(IReadOnlyList<StatusRecord> records, CancellationToken cancellationToken) =>
        _messages.RecordAsync(records, cancellationToken);

    public ValueTask<IReadOnlyList<StatusRecord>> ListTimelineAsync(MessageKey key, CancellationToken cancellationToken) =>
        _messages.ListTimelineAsync(key, cancellationToken);

    public ValueTask AddChangesAsync(IReadOnlyList<StatusChange> changes, CancellationToken cancellationToken) =>
        _changes.AddAsync(changes, cancellationToken);

    public ValueTask<ChangePage> ListChangesAsync(
        Guid conversationId, long since, int limit, CancellationToken cancellationToken) =>
        _changes.ListAsync(conversationId, since, limit, cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, long>> GetHeadsAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
        _changes.FindHeadsAsync(conversationIds, cancellationToken);

    public ValueTask<int> ClaimEpochAsync(string topic, string identity, CancellationToken cancellationToken) =>
        _epochs.ClaimAsync(topic, identity, cancellationToken);

    public ValueTask<ClaimedEpoch?> GetLatestEpochAsync(string topic, CancellationToken cancellationToken) =>
        _epochs.FindLatestAsync(topic, cancellationToken);

    public ValueTask ParkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) =>
        _parked.ParkAsync(statuses, cancellationToken);

    public ValueTask<IReadOnlyList<ParkedStatus>> ListParkedAsync(
        IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) =>
        _parked.ListAsync(subjects, cancellationToken);

    public ValueTask<IReadOnlyList<ParkedStatus>> ListParkedBeforeAsync(
        DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        _parked.ListBeforeAsync(before, limit, cancellationToken);

    public ValueTask UnparkAsync(IReadOnlyList<ParkedStatus> statuses, CancellationToken cancellationToken) =>
        _parked.UnparkAsync(statuses, cancellationToken);

    public ValueTask<IReadOnlyList<HandOver>> RecordHandOversAsync(
        IReadOnlyList<HandOver> handOvers, CancellationToken cancellationToken) =>
        _connectors.RecordAsync(handOvers, cancellationToken);

    public ValueTask AddProviderIdAsync(
        string channel, string providerMessageId, MessageKey key, CancellationToken cancellationToken) =>
        _connectors.AddProviderIdAsync(channel, providerMessageId, key, cancellationToken);

    public ValueTask<MessageKey?> FindByProviderIdAsync(
        string channel, string providerMessageId, CancellationToken cancellationToken) =>
        _connectors.FindByProviderIdAsync(channel, providerMessageId, cancellationToken);
}
