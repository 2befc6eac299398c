using Chat.Core.Ids;

namespace Chat.Core.Statuses;

/// <summary>
/// A change of what is shown of a conversation, numbered within it; a frame once pushed: of a message's status, or, where
/// <paramref name="Status"/> is ACCEPTED, that the message is there.
/// </summary>
/// <param name="Seq">See <see cref="Log.SequenceNumber"/>.</param>
/// <param name="Status">The derived status, not the event's.</param>
/// <param name="At">The time of the fact that the status comes from; of an announcement, the message's.</param>
/// <param name="AppendedAt">When the log took the event; retention counts from here.</param>
public sealed record StatusChange(
    Guid ConversationId,
    long Seq,
    Guid MessageId,
    MessageStatus Status,
    string Channel,
    DateTimeOffset At,
    string? Reason,
    DateTimeOffset AppendedAt)
{
    /// <summary>Whether it says that the message is there: no status change leads to ACCEPTED.</summary>
    public bool IsAnnouncement => Status == MessageStatus.Accepted;

    public MessageKey Key => new(ConversationId, MessageId);
}

/// <summary>The changes of a conversation after a number.</summary>
/// <param name="Head">The conversation's highest number, read before the changes; 0 where it never changed.</param>
/// <param name="Complete">Whether the store still has every change after the number asked for.</param>
/// <param name="Changes">Rising by <c>Seq</c>, at most as many as were asked for; may go beyond <paramref name="Head"/>.</param>
public sealed record ChangePage(long Head, bool Complete, IReadOnlyList<StatusChange> Changes);
