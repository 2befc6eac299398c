namespace Chat.Core.Statuses;

/// <summary>
/// One thing known of a message. Of two values for the same fact the one with the earlier <see cref="At"/> stays, at a tie the
/// one with the lower <see cref="Seq"/>; the reason is that of the earliest value, in the same order, that has one. Each of the two
/// goes by a total order, so that merging is commutative, associative and idempotent.
/// </summary>
/// <param name="At">When it happened, by the provider's clock; UTC, whole milliseconds (see <see cref="FactTime"/>).</param>
/// <param name="Seq">The number of the event that said so (see <see cref="Log.SequenceNumber"/>).</param>
/// <param name="Why">Why, for a failure, where any event told; null otherwise.</param>
public readonly record struct Fact(DateTimeOffset At, long Seq, FactReason? Why)
{
    /// <summary>What one event says.</summary>
    public Fact(DateTimeOffset at, string? reason, long seq) : this(at, seq, reason is null ? null : new(reason, at, seq))
    {
    }

    /// <summary>The text of <see cref="Why"/>.</summary>
    public string? Reason => Why?.Text;

    /// <summary>Whether this value stays when it meets <paramref name="other"/>.</summary>
    public bool Precedes(in Fact other) => At != other.At ? At < other.At : Seq < other.Seq;

    /// <summary>Whether merging <paramref name="other"/> into this value changes nothing.</summary>
    public bool Covers(in Fact other) => !other.Precedes(this) && (other.Why is null || !other.Why.Precedes(Why));

    /// <summary>What is known once both are; null is "not known".</summary>
    public static Fact? Merge(in Fact? left, in Fact? right) =>
        left is not { } a ? right
        : right is not { } b ? left
        : (b.Precedes(a) ? b : a) with { Why = FactReason.Merge(a.Why, b.Why) };
}
