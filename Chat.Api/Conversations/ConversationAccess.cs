using Chat.Api.Auth;
using Chat.Core.Conversations;

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
public sealed class ConversationAccess(IConversationStore conversations)
{
    private readonly OwnerCache _owners = new(conversations);

    public async ValueTask<Access> CheckAsync(ChatUser user, Guid conversationId, CancellationToken cancellationToken)
    {
        if (await FindOwnerAsync(conversationId, cancellationToken) is not { } owner) return Access.Unowned;
        if (user.OrganizationId is { } organization) return organization == owner.OrganizationId ? Access.Granted : Access.Denied;
        return await conversations.HasPostedAsync(conversationId, user.UserId, cancellationToken) ? Access.Granted : Access.Denied;
    }

    /// <inheritdoc cref="OwnerCache.FindAsync(Guid, CancellationToken)"/>
    public ValueTask<ConversationOwner?> FindOwnerAsync(Guid conversationId, CancellationToken cancellationToken) =>
        _owners.FindAsync(conversationId, cancellationToken);

    /// <inheritdoc cref="OwnerCache.ClaimAsync"/>
    public ValueTask<ConversationOwner> ClaimAsync(ConversationOwner claim, CancellationToken cancellationToken) =>
        _owners.ClaimAsync(claim, cancellationToken);
}
