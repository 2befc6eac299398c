using Chat.Core.Tokens;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedRevokedTokenStore(StoreDatabase database) : IRevokedTokenStore
{
    public ValueTask RevokeAsync(RevokedToken token, CancellationToken cancellationToken) => database.WriteAsync(
        session => session["INSERT INTO revoked_tokens (kept_until, token_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING"]
            .Bind(1, token.KeptUntil).Bind(2, token.TokenId).Run(),
        cancellationToken);

    public async ValueTask<IReadOnlyList<RevokedToken>> ListRevokedAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            session => session["SELECT token_id, kept_until FROM revoked_tokens WHERE kept_until > ?1"]
                .Bind(1, now)
                .List(static row => new RevokedToken(row.Text(0), row.Time(1) - RevokedToken.Slack)),
            cancellationToken);
}
