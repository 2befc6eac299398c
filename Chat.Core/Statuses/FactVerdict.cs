namespace Chat.Core.Statuses;

/// <summary>What an event is to the stored fact of its kind.</summary>
public enum FactVerdict
{
    /// <summary>It is the stored one.</summary>
    Stands,

    /// <summary>It repeats the stored one, which came before its message was known.</summary>
    Joins,

    /// <summary>Its reason is the stored one; the time is another event's.</summary>
    Explains,

    /// <summary>A copy: the same time, or the same reason, is stored under a lower number.</summary>
    Copy,

    /// <summary>An earlier time is stored.</summary>
    Later,

    /// <summary>Nothing is stored, or what this event would have replaced or explained: it was never merged.</summary>
    Unmerged,
}

/// <summary>The one rule for "applied or not, and why": the worker, the timeline and the audit go by it.</summary>
public static class FactVerdicts
{
    /// <param name="fact">The event's.</param>
    /// <param name="joins">The number of the event that it repeats, if it does.</param>
    /// <param name="stored">What the store holds for the same kind.</param>
    public static FactVerdict Compare(in Fact fact, long? joins, in Fact? stored) => stored switch
    {
        null => FactVerdict.Unmerged,
        { } s when s.Seq == fact.Seq => FactVerdict.Stands,
        { } s when joins is not null && (s.Seq == joins || s.Why?.Seq == joins) => FactVerdict.Joins,
        { } s when s.Why?.Seq == fact.Seq => FactVerdict.Explains,
        { } s when !s.Covers(fact) => FactVerdict.Unmerged,
        { } s when CopiedSeq(fact, s) is not null => FactVerdict.Copy,
        _ => FactVerdict.Later,
    };

    /// <summary>
    /// The number under which the store has what this event says: its time, or its reason where the time is another event's; null
    /// where it has neither from a copy of it.
    /// </summary>
    public static long? CopiedSeq(in Fact fact, in Fact stored) =>
        stored.At == fact.At ? stored.Seq
        : fact.Why is { } why && stored.Why is { } known && (known.At, known.Text) == (why.At, why.Text) ? known.Seq
        : null;
}
