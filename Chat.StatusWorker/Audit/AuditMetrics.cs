using System.Diagnostics.Metrics;
using Chat.Core.Audit;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Audit;

/// <summary>What the audit checked, and what it found missing.</summary>
public sealed class AuditMetrics
{
    private readonly Counter<long> _checked;
    private readonly Counter<long> _missing;

    public AuditMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(ChatTelemetry.Name);
        _checked = meter.CreateCounter<long>("chat.audit.checked", "{fact}", "Acknowledged facts that were looked for in the store");
        _missing = meter.CreateCounter<long>(
            "chat.audit.missing", "{event}", "Acknowledged events of which something is missing, by what");
    }

    public void Audited(AuditTally tally)
    {
        _checked.Add(tally.FactsAcknowledged);
        foreach (var outcome in Enum.GetValues<AuditOutcome>())
        {
            // At zero too, so that the series is there before anything is missing.
            if (outcome.IsMissing())
                _missing.Add(tally[outcome], new KeyValuePair<string, object?>("kind", outcome.MissingKind()));
        }
    }
}
