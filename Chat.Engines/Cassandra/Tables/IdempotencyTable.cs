using Cassandra;
using Chat.Core.Idempotency;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>
/// Idempotency keys: claimed by two writes and two reads (<see cref="KeyClaim"/>), by a lightweight transaction only where claims of one
/// key meet or an earlier one ended halfway; forgotten by time-to-live.
/// </summary>
internal sealed class IdempotencyTable(CassandraConnection connection) : IIdempotencyStore
{
    /// <summary>
    /// Rows outlive the claim's lifetime by this: whether a record still holds is decided by its time, the row's expiry only
    /// clears it away.
    /// </summary>
    private static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    private static readonly TimeSpan LongestTimeToLive = TimeSpan.FromSeconds(630_720_000);

    private const string Where = "WHERE organization_id = ? AND user_id = ? AND idempotency_key = ?";

    // Each claim's own cells, written once: their timestamp decides nothing between them. Below every deletion's, so that where an
    // erasure removed the row claims see nothing of each other, nor of themselves, and all go on to the transaction.
    private static readonly Cql Come = new(
        $"UPDATE idempotency_keys USING TIMESTAMP 1 AND TTL ? SET came = came + ? {Where}");

    private static readonly Cql Vote = new(
        $"UPDATE idempotency_keys USING TIMESTAMP 1 AND TTL ? SET votes[?] = ? {Where}");

    private static readonly Cql Find = new($"SELECT message_id, body_hash, created_at, came, votes FROM idempotency_keys {Where}");

    // A condition on each column, so that the answer has all of them.
    private static readonly Cql Decide = new(
        $"""
        UPDATE idempotency_keys USING TTL ? SET message_id = ?, body_hash = ?, created_at = ? {Where}
        IF message_id = NULL AND body_hash = NULL AND created_at = NULL
        """);

    private static readonly Cql Replace = new(
        $"""
        UPDATE idempotency_keys USING TTL ? SET message_id = ?, body_hash = ?, created_at = ? {Where}
        IF message_id = ? AND created_at = ?
        """);

    public async ValueTask<IdempotencyRecord> ClaimIdempotencyKeyAsync(
        IdempotencyKey key, IdempotencyRecord record, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        var timeToLive = (int)(lifetime < LongestTimeToLive - Slack ? lifetime + Slack : LongestTimeToLive).TotalSeconds;
        var (organization, user, text) = key;
        var claim = new KeyClaim(Guid.NewGuid(), record, lifetime);

        HashSet<Guid> own = [claim.Id];
        await session.ExecuteAsync(Come, cancellationToken, timeToLive, own, organization, user, text);
        var step = claim.AfterComing(await ReadAsync(session, key, cancellationToken));
        if (step is KeyStep.Vote { Value: var vote })
        {
            await session.ExecuteAsync(Vote, cancellationToken, timeToLive, claim.Id, Write(vote), organization, user, text);
            step = claim.AfterVoting(await ReadAsync(session, key, cancellationToken));
        }
        return step is KeyStep.Decide { Proposal: var proposal }
            ? await DecideAsync(session, key, claim, proposal, timeToLive, cancellationToken)
            : ((KeyStep.Answer)step).Record;
    }

    private static async Task<IdempotencyRecord> DecideAsync(
        CassandraSession session,
        IdempotencyKey key,
        KeyClaim claim,
        IdempotencyRecord proposal,
        int timeToLive,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await session.TransactAsync(
                Decide,
                cancellationToken,
                timeToLive,
                proposal.MessageId,
                proposal.BodyHash,
                proposal.CreatedAt,
                key.OrganizationId,
                key.UserId,
                key.Key);
            if (answer.GetValue<bool>("[applied]")) return proposal;
            if (ReadDecided(answer) is not { } stored) continue;
            if (claim.Holds(stored)) return stored;
            answer = await session.TransactAsync(
                Replace,
                cancellationToken,
                timeToLive,
                proposal.MessageId,
                proposal.BodyHash,
                proposal.CreatedAt,
                key.OrganizationId,
                key.UserId,
                key.Key,
                stored.MessageId,
                stored.CreatedAt);
            if (answer.GetValue<bool>("[applied]")) return proposal;
        }
    }

    private static async Task<KeyEntries> ReadAsync(CassandraSession session, IdempotencyKey key, CancellationToken cancellationToken)
    {
        // There is none where an erasure hides what is written.
        if (await session.FindAsync(Find, cancellationToken, key.OrganizationId, key.UserId, key.Key) is not { } row)
            return new(null, new HashSet<Guid>(), new Dictionary<Guid, KeyVote>());
        return new(ReadDecided(row), (row.GetValue<IEnumerable<Guid>?>("came") ?? []).ToHashSet(), ReadVotes(row));
    }

    private static IdempotencyRecord? ReadDecided(Row row) => row.GetValue<Guid?>("message_id") is { } message
        ? new(message, row.GetValue<string>("body_hash"), row.GetValue<DateTimeOffset>("created_at"))
        : null;

    /// <summary>Of a row that has the column <c>votes</c>.</summary>
    public static IReadOnlyDictionary<Guid, KeyVote> ReadVotes(Row row) =>
        row.GetValue<IDictionary<Guid, Tuple<bool, Guid, string, DateTimeOffset>>?>("votes") is { } votes
            ? votes.ToDictionary(v => v.Key, v => Read(v.Value))
            : new Dictionary<Guid, KeyVote>();

    private static Tuple<bool, Guid, string, DateTimeOffset> Write(KeyVote vote) =>
        new(vote.IsSole, vote.Record.MessageId, vote.Record.BodyHash, vote.Record.CreatedAt);

    private static KeyVote Read(Tuple<bool, Guid, string, DateTimeOffset> cell) =>
        new(cell.Item1, new(cell.Item2, cell.Item3, cell.Item4));
}
