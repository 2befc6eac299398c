namespace Chat.Core.Idempotency;

/// <summary>Who used an idempotency key: keys of one user are nothing to another.</summary>
public readonly record struct IdempotencyKey(Guid OrganizationId, Guid UserId, string Key);

/// <summary>A first use of an idempotency key.</summary>
/// <param name="BodyHash">Of the request that first used it; another body under the same key is a mistake of the client's.</param>
/// <param name="CreatedAt">UTC, whole milliseconds.</param>
public sealed record IdempotencyRecord(Guid MessageId, string BodyHash, DateTimeOffset CreatedAt);
