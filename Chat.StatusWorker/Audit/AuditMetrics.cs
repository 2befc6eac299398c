using System.Diagnostics.Metrics;
using Chat.Core.Audit;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Audit;

internal static class AuditMetrics
{
    private static readonly Counter<long> Checked = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.audit.checked", "{fact}", "Acknowledged facts that were looked for in the store");

    private static readonly Counter<long> Missing = ChatTelemetry.Meter.CreateCounter<long>(
        "chat.audit.missing", "{event}", "Acknowledged events of which something is missing, by what");

    public static void Audited(AuditTally tally)
    {
        Checked.Add(tally.FactsAcknowledged);
        foreach (var outcome in Enum.GetValues<AuditOutcome>())
        {
            // At zero too, so that the series is there before anything is missing.
            if (outcome.IsMissing()) Missing.Add(tally[outcome], new KeyValuePair<string, object?>("kind", outcome.MissingKind()));
        }
    }
}
