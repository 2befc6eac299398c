using Chat.Api.Auth;
using Chat.Core.Conversations;

namespace Chat.Api.Conversations;

/// <summary>What a user may see of a conversation.</summary>
public enum Access
{
    /// <summary>Nothing: it is another organization's, or the user has no organization and never posted in it.</summary>
    Denied,

    /// <summary>Nobody posted to it yet: it belongs to no one, and a user who asks learns nothing.</summary>
    Unowned,

    /// <summary>Everything.</summary>
    Granted,
}

/// <summary>
/// Decides who may see a conversation: its owner's users; of those whose token names no organization, the ones that posted in it.
/// </summary>
public sealed class ConversationAccess(OwnerCache owners, IConversationStore conversations)
{
    public async ValueTask<Access> CheckAsync(ChatUser user, Guid conversationId, CancellationToken cancellationToken)
    {
        if (await owners.FindAsync(conversationId, cancellationToken) is not { } owner) return Access.Unowned;
        if (CheckOrganization(user, owner) is { } access) return access;
        var posted = await conversations.HasPostedAsync(conversationId, user.UserId, cancellationToken);
        return posted ? Access.Granted : Access.Denied;
    }

    /// <summary>The same where it can be said without asking the store, else null.</summary>
    public Access? CheckKnown(ChatUser user, Guid conversationId) =>
        owners.FindKnown(conversationId) is { } owner ? CheckOrganization(user, owner) : null;

    private static Access? CheckOrganization(ChatUser user, ConversationOwner owner)
    {
        if (user.OrganizationId is not { } organization) return null;
        return organization == owner.OrganizationId ? Access.Granted : Access.Denied;
    }
}
