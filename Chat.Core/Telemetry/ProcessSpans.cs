using System.Diagnostics;

namespace Chat.Core.Telemetry;

/// <summary>
/// The consumer spans of a batch, side by side: one for each event that carries its producer's trace, until the batch is done.
/// None where nobody listens.
/// </summary>
public sealed class ProcessSpans(string topic) : IDisposable
{
    private readonly string _name = $"process {topic}";
    private List<Activity>? _spans;

    /// <summary>
    /// Starts an event's span. Answers with the trace to pass on: the span's, or the event's where there is no span.
    /// </summary>
    public string? Continue(string? traceParent, Guid? conversationId, Guid? messageId, string? status = null)
    {
        if (traceParent is null || !ChatTelemetry.Activities.HasListeners()) return traceParent;
        var ambient = Activity.Current;
        // Side by side, not nested.
        Activity.Current = null;
        var span = ChatTelemetry.Continue(_name, ActivityKind.Consumer, traceParent);
        Activity.Current = ambient;
        if (span is null) return traceParent;
        span.SetTag("messaging.operation.name", "process")
            .SetTag("messaging.operation.type", "process")
            .SetTag("messaging.destination.name", topic)
            .SetTag("messaging.message.conversation_id", conversationId?.ToString())
            .SetTag("chat.message.id", messageId?.ToString());
        if (status is not null) span.SetTag("chat.status", status);
        (_spans ??= []).Add(span);
        return span.Id;
    }

    public void Dispose()
    {
        if (_spans is null) return;
        foreach (var span in _spans) span.Dispose();
    }
}
