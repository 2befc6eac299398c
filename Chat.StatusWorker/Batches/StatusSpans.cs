using System.Diagnostics;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Core.Telemetry;

namespace Chat.StatusWorker.Batches;

/// <summary>One consumer span for each event whose producer's trace is carried on; nothing where nobody listens.</summary>
internal static class StatusSpans
{
    public static List<Activity>? Start(IReadOnlyList<Incoming> batch)
    {
        if (!ChatTelemetry.Activities.HasListeners()) return null;
        List<Activity>? spans = null;
        var ambient = Activity.Current;
        foreach (var incoming in batch)
        {
            // Beside each other, not inside each other.
            Activity.Current = null;
            if (ChatTelemetry.Continue($"process {Topics.Status}", ActivityKind.Consumer, incoming.TraceParent) is not { } span) continue;
            span.SetTag("messaging.operation.name", "process")
                .SetTag("messaging.operation.type", "process")
                .SetTag("messaging.destination.name", Topics.Status)
                .SetTag("messaging.message.conversation_id", incoming.Status.ConversationId?.ToString())
                .SetTag("chat.message.id", incoming.Status.MessageId?.ToString())
                .SetTag("chat.status", StatusNames.Of(incoming.Status.Status));
            incoming.TraceParent = span.Id;
            (spans ??= []).Add(span);
        }
        Activity.Current = ambient;
        return spans;
    }

    public static void Stop(List<Activity>? spans)
    {
        if (spans is null) return;
        foreach (var span in spans) span.Dispose();
    }
}
