using Chat.Core.Idempotency;

namespace Chat.Engines.Embedded.Store;

/// <summary>
/// The keys lie in the log's file (<see cref="StoreDatabase.Keys"/>), so that a post with a new key waits for one commit, its message's.
/// </summary>
internal sealed class EmbeddedIdempotencyStore(StoreDatabase database) : IIdempotencyStore
{
    public ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken) =>
        database.Keys.ClaimAsync(key, record, lifetime, database.IsMessageLog, cancellationToken);
}
