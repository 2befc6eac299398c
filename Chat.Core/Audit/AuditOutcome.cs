namespace Chat.Core.Audit;

/// <summary>What the audit found of an event of <c>msg.status</c>; each has exactly one.</summary>
public enum AuditOutcome
{
    /// <summary>Its fact and its change row stand.</summary>
    Changed,

    /// <summary>It added nothing: its fact stands under an earlier time or number.</summary>
    Repeated,

    /// <summary>It came before its message, and came back since: the event that joins it carries the change.</summary>
    Joined,

    /// <summary>It lay in another partition than its conversation's, and its fact stands by its copy.</summary>
    Rekeyed,

    /// <summary>It waits for its message.</summary>
    Parked,

    /// <summary>It waited for its message in vain, and is a dead letter.</summary>
    GivenUp,

    /// <summary>It can't be read, or contradicts the store, and is a dead letter.</summary>
    DeadLetter,

    /// <summary>Its fact stands; its change row is past its retention.</summary>
    Expired,

    /// <summary>It, or the copy that stands for it, is not committed yet, or younger than the grace.</summary>
    InFlight,

    /// <summary>Its fact is missing.</summary>
    MissingFact,

    /// <summary>Its fact stands, and what would show it to anyone is missing: its change row, or its place among the parked.</summary>
    MissingChange,

    /// <summary>It can't be used, and no dead letter says so.</summary>
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
