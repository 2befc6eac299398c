using Chat.Api.Operations.Engines;
using Chat.Api.Operations.Live;

namespace Chat.Api.Operations;

/// <summary>How the system is, at a glance.</summary>
/// <param name="At">Now; ISO 8601, UTC.</param>
/// <param name="Live">What this instance does alone: behind several, each answers for itself.</param>
/// <param name="Audit">What the audits of this process found; null where it runs none, as the status workers do.</param>
/// <param name="Engines">What the log and the store say, the same for all instances.</param>
internal sealed record OverviewView(string At, InstanceView Instance, LiveView Live, AuditView? Audit, EnginesView Engines);

/// <summary>The instance of the API that answered.</summary>
/// <param name="Name">Its machine, or container, and its process.</param>
/// <param name="StartedAt">ISO 8601, UTC.</param>
internal sealed record InstanceView(string Name, string StartedAt);
