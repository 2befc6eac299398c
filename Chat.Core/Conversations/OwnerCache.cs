using Chat.Core.Collections;

namespace Chat.Core.Conversations;

/// <summary>Owners that were found or claimed; they never change. What has none yet is asked for again each time.</summary>
public sealed class OwnerCache(IConversationStore store)
{
    // An owner is 60 bytes or so.
    private const int MaxCached = 200_000;

    private readonly BoundedCache<Guid, ConversationOwner> _known = new(MaxCached);

    /// <summary>Whether the owner is cached, so that asking for it costs nothing.</summary>
    public bool IsKnown(Guid conversationId) => FindKnown(conversationId) is not null;

    /// <summary>The owner where it is cached; nothing is asked for.</summary>
    public ConversationOwner? FindKnown(Guid conversationId) => _known.TryGet(conversationId, out var owner) ? owner : null;

    /// <summary>Who a conversation belongs to; null where nobody posted to it yet.</summary>
    public async ValueTask<ConversationOwner?> FindAsync(Guid conversationId, CancellationToken cancellationToken)
    {
        if (_known.TryGet(conversationId, out var known)) return known;
        var found = await store.FindOwnersAsync([conversationId], cancellationToken);
        return found.TryGetValue(conversationId, out var owner) ? Keep(owner) : null;
    }

    /// <summary>The owners of those of the conversations that have one; one read for all that are not cached.</summary>
    public async ValueTask<Dictionary<Guid, ConversationOwner>> FindAsync(
        IReadOnlyCollection<Guid> conversationIds, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<Guid, ConversationOwner>(conversationIds.Count);
        List<Guid>? missing = null;
        foreach (var id in conversationIds)
        {
            if (_known.TryGet(id, out var owner)) owners[id] = owner;
            else (missing ??= []).Add(id);
        }
        if (missing is null) return owners;
        foreach (var (id, owner) in await store.FindOwnersAsync(missing, cancellationToken)) owners[id] = Keep(owner);
        return owners;
    }

    /// <summary>Claims a conversation for an organization where nobody did, and answers with whom it belongs to.</summary>
    public async ValueTask<ConversationOwner> ClaimAsync(ConversationOwner claim, CancellationToken cancellationToken) =>
        _known.TryGet(claim.ConversationId, out var known) ? known : Keep(await store.ClaimConversationAsync(claim, cancellationToken));

    private ConversationOwner Keep(ConversationOwner owner) => _known.GetOrAdd(owner.ConversationId, owner);
}
