using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Chat.Core.Telemetry;

/// <summary>
/// The one source of spans and meter of instruments; OpenTelemetry's names where they exist, <c>chat.</c> where not.
/// </summary>
public static class ChatTelemetry
{
    public const string Name = "Chat";

    public static readonly ActivitySource Activities = new(Name);

    public static readonly Meter Meter = new(Name);

    /// <summary>
    /// A span that continues the trace of an event or payload; null where nobody listens or it carries no trace context.
    /// </summary>
    public static Activity? Continue(string name, ActivityKind kind, string? traceParent) =>
        traceParent is not null && Activities.HasListeners() && ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent)
            ? Activities.StartActivity(name, kind, parent)
            : null;
}
