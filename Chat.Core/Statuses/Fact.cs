namespace Chat.Core.Statuses;

/// <summary>
/// One thing known of a message. Of two values for the same fact the one with the earlier <see cref="At"/> stays, at a tie the
/// one with the lower <see cref="Seq"/>: a total order, so that merging is commutative, associative and idempotent.
/// </summary>
/// <param name="At">When it happened, by the provider's clock; UTC, whole milliseconds (see <see cref="FactTime"/>).</param>
/// <param name="Reason">Why, for a failure; null otherwise.</param>
/// <param name="Seq">The number of the event that said so (see <see cref="Log.SequenceNumber"/>).</param>
public readonly record struct Fact(DateTimeOffset At, string? Reason, long Seq)
{
    /// <summary>Whether this value stays when it meets <paramref name="other"/>.</summary>
    public bool Precedes(in Fact other) => At != other.At ? At < other.At : Seq < other.Seq;

    /// <summary>The value that stays of two for the same fact; null is "not known".</summary>
    public static Fact? Merge(in Fact? left, in Fact? right) =>
        left is not { } a ? right : right is not { } b ? left : b.Precedes(a) ? b : a;
}
