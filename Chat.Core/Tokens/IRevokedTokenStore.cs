namespace Chat.Core.Tokens;

/// <summary>
/// The tokens that were revoked and would still count otherwise: few, since each is forgotten once it has expired by itself.
/// <see cref="Messages.IMessageStore"/> says what every port of the store promises.
/// </summary>
public interface IRevokedTokenStore
{
    /// <summary>
    /// Keeps a token until <see cref="RevokedToken.KeptUntil"/>. One that is revoked twice is kept for the longer time.
    /// </summary>
    ValueTask RevokeAsync(RevokedToken token, CancellationToken cancellationToken);

    /// <summary>Those that are still kept at a time, in no order; one that was revoked twice may be there twice.</summary>
    ValueTask<IReadOnlyList<RevokedToken>> ListRevokedAsync(DateTimeOffset now, CancellationToken cancellationToken);
}
