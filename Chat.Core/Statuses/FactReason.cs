namespace Chat.Core.Statuses;

/// <summary>Why a message failed, and which event said so: not always the one that the fact's time is of.</summary>
/// <param name="Text">The provider's words.</param>
/// <param name="At">The time of the event that gave it.</param>
/// <param name="Seq">The number of that event.</param>
public sealed record FactReason(string Text, DateTimeOffset At, long Seq)
{
    /// <summary>The one that is kept of two: the earlier event's; null is "not known".</summary>
    public static FactReason? Merge(FactReason? left, FactReason? right) =>
        left is null ? right : right is null ? left : right.Precedes(left) ? right : left;

    /// <summary>Whether this reason is kept when it meets <paramref name="other"/>.</summary>
    public bool Precedes(FactReason? other) => other is null || (At != other.At ? At < other.At : Seq < other.Seq);
}
