using System.Diagnostics;
using Chat.Api.Problems;
using Chat.Core.Collections;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Idempotency;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Time;

namespace Chat.Api.Messages;

/// <summary>How a post ended.</summary>
internal abstract record PostOutcome
{
    /// <summary>The message is in the log: it will be sent.</summary>
    public sealed record Accepted(Guid MessageId, DateTimeOffset CreatedAt) : PostOutcome;

    /// <summary>Another organization owns the conversation.</summary>
    public sealed record ForeignConversation : PostOutcome;

    /// <summary>The idempotency key was used for something else.</summary>
    public sealed record KeyReused : PostOutcome;
}

/// <summary>
/// Takes a message: claims its conversation, notes who posted, claims the recipient's address for it, and appends it to the log, in this
/// order, so that whatever is in the log has an owner.
/// </summary>
internal sealed class MessagePoster(
    IEventLog log,
    IConversationStore conversations,
    IMessageStore messages,
    KeysUnderWay keys,
    OwnerCache owners,
    PostLimit limit,
    RecipientClaims recipients,
    IdSource ids,
    TimeProvider time)
{
    // A poster is some 50 bytes.
    private const int MaxPosters = 200_000;

    private readonly BoundedCache<(Guid Conversation, Guid User), bool> _posters = new(MaxPosters);

    public async ValueTask<PostOutcome> PostAsync(
        PostedMessage posted, string? idempotencyKey, CancellationToken cancellationToken)
    {
        var now = WireTime.TruncateToMilliseconds(time.GetUtcNow());
        var claim = new ConversationOwner(posted.ConversationId, posted.OrganizationId, now);
        if (!owners.IsKnown(posted.ConversationId)) limit.ChargeConversation(posted.OrganizationId);
        var owner = await EngineCall.GuardAsync(ct => owners.ClaimAsync(claim, ct), cancellationToken);
        if (owner.OrganizationId != posted.OrganizationId) return new PostOutcome.ForeignConversation();
        await NotePosterAsync(posted, cancellationToken);
        await recipients.ClaimAsync(posted, cancellationToken);

        var messageId = ids.Next();
        if (idempotencyKey is not null)
        {
            var own = new IdempotencyRecord(messageId, posted.Hash(), CreatedAt(messageId));
            var key = new IdempotencyKey(posted.OrganizationId, posted.SenderId, idempotencyKey);
            var first = await keys.ClaimAsync(key, own, cancellationToken);
            if (first.BodyHash != own.BodyHash && !posted.IsEarlierHash(first.BodyHash)) return new PostOutcome.KeyReused();
            if (first.MessageId != messageId)
            {
                messageId = first.MessageId;
                // The first try may have died between the key and the log; a message that is in the log twice is sent once.
                var stored = await EngineCall.GuardAsync(ct => messages.FindMessageKeyAsync(messageId, ct), cancellationToken);
                if (stored is not null) return Accepted(messageId);
            }
        }
        await AppendAsync(posted, messageId, cancellationToken);
        return Accepted(messageId);
    }

    private static PostOutcome.Accepted Accepted(Guid messageId) => new(messageId, CreatedAt(messageId));

    private static DateTimeOffset CreatedAt(Guid messageId) => MessageIds.CreatedAt(messageId)!.Value;

    private async ValueTask NotePosterAsync(PostedMessage posted, CancellationToken cancellationToken)
    {
        var poster = (posted.ConversationId, posted.SenderId);
        if (_posters.TryGet(poster, out _)) return;
        await EngineCall.GuardAsync(
            ct => conversations.AddPosterAsync(posted.ConversationId, posted.SenderId, ct), cancellationToken);
        _posters.GetOrAdd(poster, true);
    }

    private async ValueTask AppendAsync(PostedMessage posted, Guid messageId, CancellationToken cancellationToken)
    {
        var message = new Message(
            messageId,
            posted.ConversationId,
            posted.OrganizationId,
            posted.SenderId,
            posted.Channel,
            MessageDirection.Outbound,
            posted.Type,
            posted.Content,
            posted.Recipient,
            CreatedAt(messageId),
            AccountId: posted.AccountId);
        EventHeader[] headers = Activity.Current?.Id is { } parent ? [new(HeaderNames.TraceParent, parent)] : [];
        var key = MessageIds.Format(posted.ConversationId);
        var appended = new NewEvent(Topics.Messages, key, MessageEventJson.Write(message), headers);
        await EngineCall.GuardAsync(ct => log.AppendAsync(appended, ct), cancellationToken);
    }
}
