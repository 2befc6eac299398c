using Chat.Core.Tokens;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Revoked tokens, in one partition by when they expire: what a look at it reads begins behind all that has expired, so that it never
/// goes through what those leave behind.
/// </summary>
internal sealed class RevokedTokenTable(CassandraConnection connection, TimeProvider time) : IRevokedTokenStore
{
    private const int Part = 0;

    // Rows outlive what they say by this: a row that one node's clock took too early would be a token that counts again.
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestTimeToLive = TimeSpan.FromSeconds(630_720_000);

    private static readonly Cql Insert = new("INSERT INTO revoked_tokens (part, kept_until, token_id) VALUES (?, ?, ?) USING TTL ?");

    private static readonly Cql List = new("SELECT token_id, kept_until FROM revoked_tokens WHERE part = ? AND kept_until > ?");

    public async ValueTask RevokeAsync(RevokedToken token, CancellationToken cancellationToken)
    {
        var left = token.KeptUntil - time.GetUtcNow() + Slack;
        // A time-to-live of 0 is none: the row would stay for ever.
        if (left < TimeSpan.FromSeconds(1)) return;
        var session = await connection.GetAsync(cancellationToken);
        var timeToLive = (int)(left < LongestTimeToLive ? left : LongestTimeToLive).TotalSeconds;
        await session.ExecuteAsync(Insert, cancellationToken, Part, token.KeptUntil, token.TokenId, timeToLive);
    }

    public async ValueTask<IReadOnlyList<RevokedToken>> ListRevokedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var tokens = new List<RevokedToken>();
        await foreach (var row in session.QueryAsync(List, cancellationToken, Part, now))
            tokens.Add(new(row.GetValue<string>(0), row.GetValue<DateTimeOffset>(1) - RevokedToken.Slack));
        return tokens;
    }
}
