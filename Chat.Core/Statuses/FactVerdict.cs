namespace Chat.Core.Statuses;

/// <summary>What an event is to the stored fact of its kind.</summary>
public enum FactVerdict
{
    /// <summary>It is the stored one.</summary>
    Stands,

    /// <summary>It repeats the stored one, which came before its message was known.</summary>
    Joins,

    /// <summary>A copy: the same time is stored under a lower number.</summary>
    Copy,

    /// <summary>An earlier time is stored.</summary>
    Later,

    /// <summary>Nothing is stored, or what this event would have replaced: it was never merged.</summary>
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
        { } s when s.Seq == joins => FactVerdict.Joins,
        { } s when fact.Precedes(s) => FactVerdict.Unmerged,
        { } s when s.At == fact.At => FactVerdict.Copy,
        _ => FactVerdict.Later,
    };
}
