namespace Chat.Core.Audit;

/// <summary>What the audit found of an event of <c>msg.status</c>; each has exactly one.</summary>
public enum AuditOutcome
{
    /// <summary>The store has its fact and its change row.</summary>
    Changed,

    /// <summary>It added nothing: the store has its fact with an earlier time or number.</summary>
    Repeated,

    /// <summary>It came before its message and was appended again since: the event that joins it has the change row.</summary>
    Joined,

    /// <summary>It was in another partition than its conversation's and was appended again: its copy has the fact.</summary>
    Rekeyed,

    /// <summary>It is parked until its message comes.</summary>
    Parked,

    /// <summary>It was parked, its message never came, and it is a dead letter.</summary>
    GivenUp,

    /// <summary>It waited for a message that another system sent from the same account: it is of no message here.</summary>
    NotOurs,

    /// <summary>It can't be read, or contradicts the store, and is a dead letter.</summary>
    DeadLetter,

    /// <summary>The store has its fact; its change row is past its retention.</summary>
    Expired,

    /// <summary>Its conversation was erased after it came.</summary>
    Erased,

    /// <summary>It, or its copy, is not committed yet, or younger than the grace.</summary>
    InFlight,

    /// <summary>The store has not got its fact.</summary>
    MissingFact,

    /// <summary>The store has its fact, but not what would show it to anyone: its change row, or its parked status.</summary>
    MissingChange,

    /// <summary>It can't be used, and there is no dead letter of it.</summary>
    MissingDeadLetter,
}

public static class AuditOutcomes
{
    public static bool IsMissing(this AuditOutcome outcome) =>
        outcome is AuditOutcome.MissingFact or AuditOutcome.MissingChange or AuditOutcome.MissingDeadLetter;

    /// <summary>What is missing, for people and for the metric's tag <c>kind</c>.</summary>
    public static string MissingKind(this AuditOutcome outcome) => outcome switch
    {
        AuditOutcome.MissingFact => "fact",
        AuditOutcome.MissingChange => "change",
        AuditOutcome.MissingDeadLetter => "dead_letter",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
