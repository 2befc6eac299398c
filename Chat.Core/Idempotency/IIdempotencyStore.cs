namespace Chat.Core.Idempotency;

/// <summary>
/// The idempotency keys that clients sent. <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IIdempotencyStore
{
    /// <summary>
    /// Claims a key by insert-if-absent. Answers with the stored record: <paramref name="record"/> itself where the claim went
    /// through, the earlier one where it is not older than <paramref name="lifetime"/> before <c>record.CreatedAt</c>. An earlier one is on
    /// disk. A claim that went through is on disk too, or with whatever is appended to the log after the answer: no crash keeps such an
    /// event and loses the claim.
    /// </summary>
    ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken);
}
