using Chat.Core.Conversations;

namespace Chat.Engines.Embedded.Store;

internal sealed class EmbeddedConversationStore(StoreDatabase database) : IConversationStore
{
    private const string SelectOwner = "SELECT organization_id, created_at FROM conversations WHERE conversation_id = ?1";

    public ValueTask<ConversationOwner> ClaimConversationAsync(ConversationOwner claim, CancellationToken cancellationToken) =>
        database.WriteAsync(
            session =>
            {
                session[
                    """
                    INSERT INTO conversations (conversation_id, organization_id, created_at) VALUES (?1, ?2, ?3)
                    ON CONFLICT DO NOTHING
                    """]
                    .Bind(1, claim.ConversationId).Bind(2, claim.OrganizationId).Bind(3, claim.CreatedAt).Run();
                return session[SelectOwner].Bind(1, claim.ConversationId)
                    .Single(row => new ConversationOwner(claim.ConversationId, row.Uuid(0), row.Time(1)));
            },
            cancellationToken);

    public ValueTask<IReadOnlyDictionary<Guid, ConversationOwner>> FindOwnersAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<Guid, ConversationOwner>>(
            session =>
            {
                var owners = new Dictionary<Guid, ConversationOwner>(conversationIds.Count);
                var select = session[SelectOwner];
                foreach (var id in conversationIds)
                {
                    if (select.Bind(1, id).First(row => new ConversationOwner(id, row.Uuid(0), row.Time(1))) is { } owner)
                        owners[id] = owner;
                }
                return owners;
            },
            cancellationToken);

    public ValueTask AddPosterAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) => database.WriteAsync(
        session => session["INSERT INTO posters (conversation_id, user_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING"]
            .Bind(1, conversationId).Bind(2, userId).Run(),
        cancellationToken);

    public ValueTask<bool> HasPostedAsync(Guid conversationId, Guid userId, CancellationToken cancellationToken) => database.ReadAsync(
        session => session["SELECT 1 FROM posters WHERE conversation_id = ?1 AND user_id = ?2"]
            .Bind(1, conversationId).Bind(2, userId).Any(),
        cancellationToken);
}
