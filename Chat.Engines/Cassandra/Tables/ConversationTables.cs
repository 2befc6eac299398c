using Chat.Core.Conversations;
using Chat.Engines.Cassandra.Connection;

namespace Chat.Engines.Cassandra.Tables;

/// <summary>Owners and posters.</summary>
internal sealed class ConversationTables(CassandraConnection connection) : IConversationStore
{
    // What this version claims has no message without a position; see MessagePages.
    private static readonly Cql Claim = new(
        "INSERT INTO conversations (conversation_id, organization_id, created_at, positioned) VALUES (?, ?, ?, true) IF NOT EXISTS");

    private static readonly Cql FindOwner = new(
        "SELECT organization_id, created_at FROM conversations WHERE conversation_id = ?");

    private static readonly Cql AddPoster = new("INSERT INTO conversation_posters (conversation_id, user_id) VALUES (?, ?)");

    private static readonly Cql FindPoster = new(
        "SELECT user_id FROM conversation_posters WHERE conversation_id = ? AND user_id = ?");

    public async ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        // An owner never changes: one that is seen needs no transaction, and most claims are repeats.
        if (await FindOwnerAsync(session, claim.ConversationId, cancellationToken) is { } owner) return owner;
        var answer = await session
            .TransactAsync(Claim, cancellationToken, claim.ConversationId, claim.OrganizationId, claim.CreatedAt);
        return answer.GetValue<bool>("[applied]")
            ? claim
            : new(claim.ConversationId, answer.GetValue<Guid>("organization_id"), answer.GetValue<DateTimeOffset>("created_at"));
    }

    public async ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        Guid[] ids = [.. conversationIds.Distinct()];
        var owners = new ConversationOwner?[ids.Length];
        await session.ForEachAsync(
            [.. Enumerable.Range(0, ids.Length)],
            async (i, ct) => owners[i] = await FindOwnerAsync(session, ids[i], ct),
            cancellationToken);
        return owners.OfType<ConversationOwner>().ToDictionary(o => o.ConversationId);
    }

    public async ValueTask AddPosterAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        await session.ExecuteAsync(AddPoster, cancellationToken, conversationId, userId);
    }

    public async ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken)
    {
        var session = await connection.GetAsync(cancellationToken);
        return await session.FindAsync(FindPoster, cancellationToken, conversationId, userId) is not null;
    }

    private static async Task<ConversationOwner?> FindOwnerAsync(
        CassandraSession session, Guid id, CancellationToken cancellationToken) =>
        await session.FindAsync(FindOwner, cancellationToken, id) is { } row
            ? new(id, row.GetValue<Guid>(0), row.GetValue<DateTimeOffset>(1))
            : null;
}
