using System.Collections.Concurrent;
using Chat.Api.Auth;
using Chat.Core.Store;

namespace Chat.Api.Conversations;

/// <summary>What a user may see of a conversation.</summary>
public enum Access
{
    /// <summary>Nothing: the conversation is another organization's, or the user has no organization and never posted in it.</summary>
    Denied,

    /// <summary>Nobody posted to it yet: it belongs to no one, and whoever asks learns nothing.</summary>
    Unowned,

    /// <summary>Everything.</summary>
    Granted,
}

/// <summary>
/// Decides who may see a conversation: its owner's users; of those whose token names no organization, the ones that posted in
/// it. Owners never change once they stand, so what was found is kept.
/// </summary>
public sealed class ConversationAccess(IMessageStore store)
{
    // An owner is 60 bytes or so; past this the cache starts anew rather than keep an order of use on the hot path.
    private const int MaxCached = 200_000;

    private readonly ConcurrentDictionary<Guid, ConversationOwner> _owners = new();

    public async ValueTask<Access> CheckAsync(ChatUser user, Guid conversationId, CancellationToken cancellationToken)
    {
        if (await FindOwnerAsync(conversationId, cancellationToken) is not { } owner) return Access.Unowned;
        if (user.OrganizationId is { } organization) return organization == owner.OrganizationId ? Access.Granted : Access.Denied;
        return await store.HasPostedAsync(conversationId, user.UserId, cancellationToken) ? Access.Granted : Access.Denied;
    }

    /// <summary>Who the conversation belongs to; null where nobody posted to it yet.</summary>
    public async ValueTask<ConversationOwner?> FindOwnerAsync(Guid conversationId, CancellationToken cancellationToken)
    {
        if (_owners.TryGetValue(conversationId, out var known)) return known;
        var found = await store.FindOwnersAsync([conversationId], cancellationToken);
        return found.TryGetValue(conversationId, out var owner) ? Keep(owner) : null;
    }

    /// <summary>Claims the conversation for an organization where nobody did, and answers with whom it belongs to.</summary>
    public async ValueTask<ConversationOwner> ClaimAsync(ConversationOwner claim, CancellationToken cancellationToken) =>
        _owners.TryGetValue(claim.ConversationId, out var known) ? known : Keep(await store.ClaimConversationAsync(claim, cancellationToken));

    private ConversationOwner Keep(ConversationOwner owner)
    {
        if (_owners.Count >= MaxCached) _owners.Clear();
        return _owners.GetOrAdd(owner.ConversationId, owner);
    }
}
