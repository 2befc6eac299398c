using Chat.Core.Idempotency;

namespace Chat.Engines.Embedded.Keys;

/// <summary>An idempotency key as its table has it.</summary>
/// <param name="Id">Its place in the table, in the order of the claims; no other row's while the process lives.</param>
/// <param name="Digest">Of the key: <see cref="KeyDigest"/>.</param>
/// <param name="Replaces">The id of the key's row that is too old and goes with this one; null where there is none.</param>
internal sealed record KeyRow(
    long Id, long Digest, IdempotencyKey Key, IdempotencyRecord Record, DateTimeOffset ExpiresAt, long? Replaces);

/// <summary>Where a key's row is.</summary>
internal readonly record struct KeyPlace(long Id, long Digest);
