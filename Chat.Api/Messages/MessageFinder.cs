using Chat.Api.Auth;
using Chat.Api.Conversations;
using Chat.Api.Problems;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Microsoft.Extensions.Options;

namespace Chat.Api.Messages;

/// <summary>Finds a message by its id, for a user who may see it; for any other, as if it were not there.</summary>
internal sealed class MessageFinder(
    IMessageStore messages, ConversationAccess access, TimeProvider time, IOptions<MessagesOptions> options)
{
    // Older than this, a message that isn't there won't come either, unless the router is far behind.
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether a message of this id may have been accepted just now, and be on its way to the store.</summary>
    public bool CanReport(Guid messageId) =>
        MessageIds.CreatedAt(messageId) is { } createdAt && (time.GetUtcNow() - createdAt).Duration() < Young;

    /// <summary>Where the message is, waiting a little where it may be on its way; null where the user can't see any.</summary>
    public async ValueTask<MessageKey?> FindAsync(ChatUser user, Guid messageId, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var wait = CanReport(messageId) ? options.Value.FindWait : TimeSpan.Zero;
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            // A message that the user may not see is waited for as well: how long the answer takes reveals nothing.
            if (await FindNowAsync(user, messageId, cancellationToken) is { } key) return key;
            if (time.GetElapsedTime(began) >= wait) return null;
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async ValueTask<MessageKey?> FindNowAsync(ChatUser user, Guid messageId, CancellationToken cancellationToken)
    {
        var found = await EngineCall.GuardAsync(ct => messages.FindMessageKeyAsync(messageId, ct), cancellationToken);
        if (found is not { } key) return null;
        var granted = await EngineCall.GuardAsync(ct => access.CheckAsync(user, key.ConversationId, ct), cancellationToken);
        return granted == Access.Granted ? key : null;
    }
}
