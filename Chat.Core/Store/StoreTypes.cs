using Chat.Core.Messages;
using Chat.Core.Statuses;

namespace Chat.Core.Store;

/// <summary>Where a message's row is: its bucket follows from the id, so these two address it.</summary>
public readonly record struct MessageKey(Guid ConversationId, Guid MessageId);

/// <summary>Who a conversation belongs to. Never changes once it stands.</summary>
/// <param name="CreatedAt">When it was claimed; UTC, whole milliseconds.</param>
public sealed record ConversationOwner(Guid ConversationId, Guid OrganizationId, DateTimeOffset CreatedAt);

/// <summary>A first use of an idempotency key.</summary>
/// <param name="BodyHash">Of the request that first used it; another body under the same key is a mistake of the client's.</param>
public sealed record IdempotencyRecord(Guid MessageId, string BodyHash, DateTimeOffset CreatedAt);

/// <summary>Who used an idempotency key: keys of one user are nothing to another.</summary>
public readonly record struct IdempotencyKey(Guid OrganizationId, Guid UserId, string Key);

/// <summary>One event of <c>msg.status</c>, as it goes into the timeline and, merged, into the message's facts.</summary>
/// <param name="Fact">With the event's number and the effective time.</param>
/// <param name="ReportedAt">The time the provider claimed, where it did; <see cref="Fact.At"/> differs where that is absurd.</param>
/// <param name="AppendedAt">When the log took the event.</param>
/// <param name="Joins">The number of an earlier event that this one repeats, since that came before its message was known.</param>
public sealed record StatusRecord(
    MessageKey Key,
    StatusKind Kind,
    Fact Fact,
    string? Channel,
    DateTimeOffset? ReportedAt,
    DateTimeOffset AppendedAt,
    long? Joins)
{
    public long Seq => Fact.Seq;
}

/// <summary>What the store holds of a message.</summary>
/// <param name="Message">Null where only statuses of it have come so far.</param>
public sealed record MessageState(MessageKey Key, Message? Message, StatusFacts Facts);

/// <summary>A change of what is shown of a message, numbered within its conversation; a frame once pushed.</summary>
/// <param name="Seq">See <see cref="Log.SequenceNumber"/>.</param>
/// <param name="Status">The derived status, not the event's.</param>
/// <param name="At">The time of the fact that the status stands on.</param>
/// <param name="AppendedAt">When the log took the event; retention counts from here.</param>
public sealed record StatusChange(
    Guid ConversationId,
    long Seq,
    Guid MessageId,
    MessageStatus Status,
    string Channel,
    DateTimeOffset At,
    string? Reason,
    DateTimeOffset AppendedAt);

/// <summary>The changes of a conversation after a number.</summary>
/// <param name="Head">The conversation's highest number, read before the changes; 0 where it never changed.</param>
/// <param name="Complete">Whether the store still has every change after the number asked for.</param>
/// <param name="Changes">Rising by <c>Seq</c>, at most as many as were asked for; may go beyond <paramref name="Head"/>.</param>
public sealed record ChangePage(long Head, bool Complete, IReadOnlyList<StatusChange> Changes);

/// <summary>A page of a conversation, newest message first.</summary>
/// <param name="Next">The id to give as <c>before</c> for the next page; null on the last.</param>
/// <param name="Seq">The conversation's head, read before the items: whoever shows them goes on from there.</param>
public sealed record MessagePage(IReadOnlyList<MessageWithFacts> Items, Guid? Next, long Seq);

/// <summary>That a message was handed to a provider, or is about to be.</summary>
/// <param name="At">The first time; statuses of the simulation count from here, so that repeating them adds nothing.</param>
/// <param name="ProviderMessageId">The provider's id, once it gave one.</param>
public sealed record HandOver(Guid MessageId, string Channel, DateTimeOffset At, string? ProviderMessageId);

/// <summary>A status whose message nobody knows yet: kept as it came, until the message does.</summary>
/// <param name="Subject">What it waits for: a message id, or a provider's id as <c>{channel}:{id}</c>.</param>
/// <param name="Seq">
/// The event's number; of one that names no conversation, <see cref="Log.SequenceNumber.InPartition"/>: it may lie in another
/// partition than the others that wait for the same, and have the offset of one of them.
/// </param>
/// <param name="Value">The event's value.</param>
public sealed record ParkedStatus(string Subject, long Seq, ReadOnlyMemory<byte> Value, DateTimeOffset AppendedAt);
