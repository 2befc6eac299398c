using Chat.Core.Idempotency;

namespace Chat.Engines.Embedded.Keys;

/// <summary>An idempotency key as its table has it.</summary>
/// <param name="Digest">Of the key: <see cref="KeyTable.DigestOf"/>.</param>
/// <param name="IsRepeat">Whether an earlier record of the key may be there, which this one replaces.</param>
internal sealed record KeyRow(
    long Digest, IdempotencyKey Key, IdempotencyRecord Record, DateTimeOffset ExpiresAt, bool IsRepeat);
