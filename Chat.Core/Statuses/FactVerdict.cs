namespace Chat.Core.Statuses;

/// <summary>What an event is to the fact that stands.</summary>
public enum FactVerdict
{
    /// <summary>It is the one that stands.</summary>
    Stands,

    /// <summary>It repeats the one that stands, which came before its message was known.</summary>
    Joins,

    /// <summary>A copy: the same time stands under a lower number.</summary>
    Copy,

    /// <summary>An earlier time stands.</summary>
    Later,

    /// <summary>Nothing stands, or what this event would have replaced: it was never merged.</summary>
    Unmerged,
}

/// <summary>The one rule for "applied or not, and why": the worker, the timeline and the audit go by it.</summary>
public static class FactVerdicts
{
    /// <param name="fact">The event's.</param>
    /// <param name="joins">The number of the event that it repeats, if it does.</param>
    /// <param name="standing">What the store holds for the same kind.</param>
    public static FactVerdict Compare(in Fact fact, long? joins, in Fact? standing) => standing switch
    {
        null => FactVerdict.Unmerged,
        { } s when s.Seq == fact.Seq => FactVerdict.Stands,
        { } s when s.Seq == joins => FactVerdict.Joins,
        { } s when fact.Precedes(s) => FactVerdict.Unmerged,
        { } s when s.At == fact.At => FactVerdict.Copy,
        _ => FactVerdict.Later,
    };
}
