using Chat.Api.Auth;
using Chat.Api.Conversations;
using Chat.Api.Problems;
using Chat.Core.Ids;
using Chat.Core.Messages;
using Chat.Core.Time;
using Microsoft.Extensions.Options;

namespace Chat.Api.Messages;

/// <summary>Finds a message by its id, for a user who may see it; for any other, as if it were not there.</summary>
internal sealed class MessageFinder(
    IMessageStore messages, ConversationAccess access, ReadLimit limit, TimeProvider time, IOptions<MessagesOptions> options)
{
    // Older than this, a message that isn't there won't come either, unless the router is far behind.
    private static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    // Each pause is longer than the one before by so much: five more looks in a second.
    private const double Growth = 2.5;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    private int _waiting;

    /// <summary>Whether a message of this id may have been accepted just now, and be on its way to the store.</summary>
    public bool CanReport(Guid messageId) =>
        MessageIds.CreatedAt(messageId) is { } createdAt && (time.GetUtcNow() - createdAt).Duration() < Young;

    /// <summary>
    /// Where the message is, waiting a little where it may be on its way; null where the user can't see any. It does not wait where too
    /// many do (<see cref="MessagesOptions.MaxWaitingReads"/>), and looks again for as long as the user's limit of reads allows.
    /// </summary>
    public async ValueTask<MessageKey?> FindAsync(ChatUser user, Guid messageId, CancellationToken cancellationToken)
    {
        if (await FindNowAsync(user, messageId, cancellationToken) is { } found) return found;
        if (!CanReport(messageId)) return null;
        try
        {
            // A message that the user may not see is waited for as well: how long the answer takes reveals nothing.
            return Interlocked.Increment(ref _waiting) <= options.Value.MaxWaitingReads
                ? await WaitAsync(user, messageId, cancellationToken)
                : null;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async ValueTask<MessageKey?> WaitAsync(ChatUser user, Guid messageId, CancellationToken cancellationToken)
    {
        var end = new Countdown(options.Value.FindWait, time);
        for (var pause = FirstPause; end.Left is var left && left > TimeSpan.Zero; pause *= Growth)
        {
            // Timers cut to whole milliseconds: rounded up, the last look is at the end and not again and again before it.
            var next = pause < left ? pause : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
            await Task.Delay(next, time, cancellationToken);
            if (limit.Take(user) is not null) return null;
            if (await FindNowAsync(user, messageId, cancellationToken) is { } found) return found;
        }
        return null;
    }

    private async ValueTask<MessageKey?> FindNowAsync(ChatUser user, Guid messageId, CancellationToken cancellationToken)
    {
        var found = await EngineCall.GuardAsync(ct => messages.FindMessageKeyAsync(messageId, ct), cancellationToken);
        if (found is not { } key) return null;
        var granted = await EngineCall.GuardAsync(ct => access.CheckAsync(user, key.ConversationId, ct), cancellationToken);
        return granted == Access.Granted ? key : null;
    }
}
