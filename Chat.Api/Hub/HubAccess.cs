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
    public Task<Access> CheckAsync(ChatUser user, Guid conversationId, CancellationToken cancellationToken) => retry.RunAsync(
        logger,
        "check the access to",
        conversationId,
        ct => RefusalIsFailure.GuardAsync(read => access.CheckAsync(user, conversationId, read), ct),
        cancellationToken);

    /// <summary>The organization that owns the conversation; null where nobody posted to it yet.</summary>
    public async Task<Guid?> FindOwnerAsync(Guid conversationId, CancellationToken cancellationToken)
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
