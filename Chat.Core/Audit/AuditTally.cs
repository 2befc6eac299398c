namespace Chat.Core.Audit;

/// <summary>Counts what an audit finds.</summary>
/// <param name="missing">
/// Called for each event of which something is missing; findings are not kept, so that any number fits.
/// </param>
public sealed class AuditTally(Action<AuditFinding> missing)
{
    private readonly long[] _counts = new long[Enum.GetValues<AuditOutcome>().Length];

    /// <summary>Events audited; the sum of all outcomes.</summary>
    public long Events => _counts.Sum();

    /// <summary>
    /// Events that state a fact which the store must have: neither in flight, nor unreadable, nor contradicting the store, nor another
    /// system's.
    /// </summary>
    public long FactsAcknowledged { get; private set; }

    /// <summary>
    /// Those of them whose fact the store has, from the event itself or from one with an earlier time or number.
    /// </summary>
    public long FactsInStore { get; private set; }

    public long Missing => Enum.GetValues<AuditOutcome>().Where(o => o.IsMissing()).Sum(o => this[o]);

    public long this[AuditOutcome outcome] => _counts[(int)outcome];

    internal void Add(AuditOutcome outcome, bool isFactStored = false)
    {
        _counts[(int)outcome]++;
        if (outcome is AuditOutcome.InFlight or AuditOutcome.DeadLetter or AuditOutcome.MissingDeadLetter or AuditOutcome.NotOurs) return;
        FactsAcknowledged++;
        if (isFactStored) FactsInStore++;
    }

    internal void Add(AuditFinding finding, bool isFactStored)
    {
        Add(finding.Outcome, isFactStored);
        missing(finding);
    }
}
