namespace Chat.Core.Audit;

/// <summary>Counts what an audit finds. What is missing is handed on at once and not kept, so that any number fits.</summary>
public sealed class AuditTally(Action<AuditFinding> missing)
{
    private readonly long[] _counts = new long[Enum.GetValues<AuditOutcome>().Length];

    /// <summary>Events looked at; the sum of all outcomes.</summary>
    public long Events => _counts.Sum();

    /// <summary>Events that were done and stated a fact: neither in flight, nor unreadable, nor contradicting the store.</summary>
    public long FactsAcknowledged { get; private set; }

    /// <summary>Those of them whose fact the store holds, by the event itself or by one with an earlier time or number.</summary>
    public long FactsInStore { get; private set; }

    public long Missing => Enum.GetValues<AuditOutcome>().Where(o => o.IsMissing()).Sum(o => this[o]);

    public long this[AuditOutcome outcome] => _counts[(int)outcome];

    internal void Add(AuditOutcome outcome, bool factStands = false)
    {
        _counts[(int)outcome]++;
        if (outcome is AuditOutcome.InFlight or AuditOutcome.DeadLetter or AuditOutcome.MissingDeadLetter) return;
        FactsAcknowledged++;
        if (factStands) FactsInStore++;
    }

    internal void Add(AuditFinding finding, bool factStands)
    {
        Add(finding.Outcome, factStands);
        missing(finding);
    }
}
