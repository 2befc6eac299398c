using Chat.Api.Auth;
using Chat.Api.Conversations;
using Chat.Core.Conversations;
using Chat.Core.Engines;
using Chat.Core.Time;

namespace Chat.Api.Hub;

/// <summary>What the hub asks about a conversation, tried until the store answers: no HTTP request waits for it.</summary>
public sealed class HubAccess(OwnerCache owners, ConversationAccess access, RetryForever retry, ILogger<HubAccess> logger)
{
    /// <inheritdoc cref="ConversationAccess.CheckAsync"/>
    public ValueTask<Access> CheckAsync(ChatUser user, Guid conversationId, CancellationToken cancellationToken) =>
        // Asked several times for each subscription, of which the first one at most has to wait.
        !cancellationToken.IsCancellationRequested && access.CheckKnown(user, conversationId) is { } known
            ? new(known)
            : new(AskAsync(user, conversationId, cancellationToken));

    /// <summary>The organization that owns the conversation; null where nobody posted to it yet.</summary>
    public ValueTask<Guid?> FindOwnerAsync(Guid conversationId, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && owners.FindKnown(conversationId) is { } known
            ? new(known.OrganizationId)
            : new(AskOwnerAsync(conversationId, cancellationToken));

    private Task<Access> AskAsync(ChatUser user, Guid conversationId, CancellationToken cancellationToken) => retry.RunAsync(
        logger,
        "check the access to",
        conversationId,
        ct => RefusalIsFailure.GuardAsync(read => access.CheckAsync(user, conversationId, read), ct),
        cancellationToken);

    private async Task<Guid?> AskOwnerAsync(Guid conversationId, CancellationToken cancellationToken)
    {
        var owner = await retry.RunAsync(
            logger,
            "find the owner of",
            conversationId,
            ct => RefusalIsFailure.GuardAsync(read => owners.FindAsync(conversationId, read), ct),
            cancellationToken);
        return owner?.OrganizationId;
    }
}
